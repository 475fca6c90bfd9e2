import type { TenantDay } from './archive-day.ts'
import type { EventsDb } from './database.ts'
import { chooseKept } from './rollup/choose-kept.ts'
import { countFacets } from './rollup/count-facets.ts'
import { FACET_NAMES } from './rollup/facets.ts'
import { fillFacet } from './rollup/fill-facet.ts'
import { type KeepRule, SEALED_DAY, USUAL_DAY } from './rollup/keep-rule.ts'
import { IS_HERE, type Period } from './rollup/period.ts'

const TAKE = `UPDATE rolled_day SET due = ?3 WHERE tenant_id = ?1 AND day_ms = ?2 AND ${IS_HERE}`
// Nobody took it since, and no hour of it was rolled up: else what is there may be of two readings.
const MARK_MADE = `UPDATE rolled_day SET due = 0, missing = ?4, is_sealed = ?5
  WHERE tenant_id = ?1 AND day_ms = ?2 AND due = ?3`

/** A mark that is no other maker's: `due` is 0 and 1 for other things. */
function newMark(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return random + 2
}

/**
 * Makes one day's sums from its events. A facet at a time, since a day can have many events; nobody reads them before all
 * are made. Where an hour of the day is rolled up meanwhile, the day stays due.
 */
export async function rollUpDay(db: EventsDb, day: TenantDay, rule: KeepRule = USUAL_DAY): Promise<void> {
  const { tenantId, dayMs } = day
  const mark = newMark()
  const run = (text: string, ...params: (string | number)[]) =>
    db.$client.prepare(text).bind(tenantId, dayMs, mark, ...params)
  await run(TAKE).run()
  const period: Period = { tenantId, span: 'day', startMs: dayMs }
  const { events, sizes } = await countFacets(db, period, rule)
  const kept = chooseKept(sizes, rule, events)
  for (const facet of FACET_NAMES) await db.$client.batch(fillFacet(db, period, [facet, kept]))
  await run(MARK_MADE, JSON.stringify(kept.missing), Number(rule === SEALED_DAY)).run()
}
