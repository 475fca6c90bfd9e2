import { isDeepStrictEqual } from 'node:util'
import { renderComplexity } from '../../workers/control/complexity/render-complexity.ts'
import { DEFAULT_COMPLEXITY } from '../../workers/core/rules/default-complexity.ts'
import { type Instance, Refused } from './connect.ts'
import type { Row } from './read-live.ts'

const HOW_LONG: Record<string, (budget: Row) => string> = {
  forever: () => 'for good',
  cycles: ({ override_cycles_remaining: left }) => `for ${left} more of its windows`,
}

function overridesOf({ name, budgets = [], provider_configs = [] }: Row): string[] {
  const owned = [
    [name, budgets],
    ...provider_configs.map((one: Row) => [`${name} at ${one.provider}`, one.budgets ?? []]),
  ]
  return owned.flatMap(([owner, list]) =>
    list.flatMap((budget: Row) => {
      const howLong = HOW_LONG[budget.override_mode]?.(budget)
      const what = `${owner}: its budget of ${budget.reset_duration} may spend $${budget.override_amount} more`
      return howLong ? [`${what} ${howLong}, which no file says: override it where the file is applied`] : []
    }),
  )
}

async function pricebookOf(instance: Instance): Promise<string[]> {
  const { data } = await instance.get('/v1/pricebook/versions?limit=1')
  const isOwn = data.some(({ entries }: Row) => entries.length > 0)
  return isOwn ? ['pricebook: its versions are in no file: publish them where the file is applied'] : []
}

async function complexityOf(instance: Instance): Promise<string[]> {
  const shown = await instance.get('/api/governance/complexity-analyzer-config')
  const isDefault = isDeepStrictEqual(shown, renderComplexity(DEFAULT_COMPLEXITY))
  return isDefault
    ? []
    : ['complexity analyzer: its words and boundaries are in no file: put them where the file is applied']
}

// An API key of fewer scopes is told of what it may see.
function asFarAsSeen(notices: Promise<string[]>): Promise<string[]> {
  return notices.catch(thrown => {
    if (thrown instanceof Refused && thrown.status === 403) return []
    throw thrown
  })
}

/** What an instance has that acts on requests and that no file can say, so that its export lacks it. `keys`: as the API shows them. */
export async function unsaidOf(instance: Instance, keys: Row[]): Promise<string[]> {
  const policies = [pricebookOf(instance), complexityOf(instance)].map(asFarAsSeen)
  return [...keys.flatMap(overridesOf), ...(await Promise.all(policies)).flat()]
}
