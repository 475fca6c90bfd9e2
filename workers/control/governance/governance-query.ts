import { z } from 'zod'

const text = z.string().optional()
const whole = z.int().min(0).optional()

const paging = { limit: whole, offset: whole, search: text, customer_id: text }

/** What Bifrost's lists can be asked besides. */
export const fromMemory = text.meta({ description: 'true: an object of the rows by their ids.' })

/** The query of lists of budgets and of rate limits. */
export const FromMemoryQuery = z.object({ from_memory: fromMemory })

/** The query of lists of teams and customers. Beyond 100 rows, `limit` is 100. */
export const GroupsQuery = z.object({ ...paging, from_memory: fromMemory })

/** The query of `GET /api/governance/virtual-keys`. Without any of these but `order`, all keys are listed. */
export const KeysQuery = z.object({
  ...paging,
  team_id: text,
  sort_by: text.meta({ description: 'name, budget_spent, created_at or status; any other is created_at.' }),
  order: text.meta({ description: 'desc, or ascending.' }),
  export: text,
  exclude_access_profile_managed_virtual: text,
})
