import { setTimeout as sleep } from 'node:timers/promises'
import { type Instance, Refused } from '../config/connect.ts'
import { Refusal } from '../config/problem.ts'
import type { RollupsCommand } from './settings.ts'

const DAY_MS = 86_400_000
/** So many days are asked for at once. */
const PART_DAYS = 31
const LOOK_MS = 5000
const PAGE = 1000

type Part = { tenant: string; query: string; body: { start_date: string; end_date: string } }
type Left = { waiting_hours: number; waiting_days: number; archived_days: number }

async function tenantsOf({ tenant }: RollupsCommand, instance: Instance): Promise<string[]> {
  if (tenant !== undefined) return [tenant]
  const ids: string[] = []
  for (let more = true; more; ) {
    const page = await instance.get(`/v1/admin/tenants?limit=${PAGE}&offset=${ids.length}`)
    ids.push(...page.data.map(({ id }: { id: string }) => id))
    more = page.pagination.has_more
  }
  return ids
}

function partsOf(tenant: string, { fromMs, untilMs }: RollupsCommand): Part[] {
  const count = Math.ceil((untilMs - fromMs) / (PART_DAYS * DAY_MS))
  return Array.from({ length: count }, (_, index) => {
    const startMs = fromMs + index * PART_DAYS * DAY_MS
    const endMs = Math.min(untilMs, startMs + PART_DAYS * DAY_MS)
    const body = { start_date: new Date(startMs).toISOString(), end_date: new Date(endMs).toISOString() }
    return { tenant, query: new URLSearchParams(body).toString(), body }
  })
}

const pathOf = ({ tenant }: Part) => `/v1/admin/tenants/${encodeURIComponent(tenant)}/rollups`

async function mark(part: Part, instance: Instance): Promise<Left> {
  try {
    return (await instance.change({ method: 'POST', path: pathOf(part), body: part.body })).data
  } catch (thrown) {
    if (thrown instanceof Refused) throw new Refusal(`tenant ${part.tenant}: ${thrown.message}`)
    throw thrown
  }
}

// The current hour is made when it is over, and so is its day: those are not waited for.
async function waitFor(part: Part, instance: Instance, floor: { hours: number; days: number }): Promise<void> {
  let seen = ''
  for (;;) {
    const { data } = (await instance.get(`${pathOf(part)}?${part.query}`)) as { data: Left }
    if (data.waiting_hours <= floor.hours && data.waiting_days <= floor.days) return
    const words = `${part.tenant} from ${part.body.start_date.slice(0, 10)}: ${data.waiting_hours} hours and ${data.waiting_days} days to go`
    if (words !== seen) console.error(words)
    seen = words
    await sleep(LOOK_MS)
  }
}

/** What is made only later: hours within a quarter of an hour of their end, days within two hours of theirs. */
function floorOf({ body }: Part): { hours: number; days: number } {
  const isOver = Date.parse(body.end_date) < Date.now() - 2 * 3_600_000
  return isOver ? { hours: 0, days: 0 } : { hours: 2, days: 2 }
}

/** Has sums made anew and, unless told otherwise, waits until they are. Killed and run again it does no harm. */
export async function remakeRollups(command: RollupsCommand, instance: Instance): Promise<void> {
  const parts = (await tenantsOf(command, instance)).flatMap(tenant => partsOf(tenant, command))
  let [hours, archived] = [0, 0]
  for (const part of parts) {
    const left = await mark(part, instance)
    hours += left.waiting_hours
    archived += left.archived_days
  }
  console.error(
    `${hours} hours are to be summed.${archived > 0 ? ` ${archived} days are in the archive and stay as they are.` : ''}`,
  )
  if (!command.waits) return
  for (const part of parts) await waitFor(part, instance, floorOf(part))
  console.error('Done.')
}
