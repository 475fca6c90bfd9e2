import type { TenantDay } from './archive-day.ts'
import type { EventsDb } from './database.ts'
import { DAY_MS } from './hours.ts'
import { rollUpDay } from './roll-up-day.ts'
import { rollUpHour } from './roll-up-hour.ts'
import { SEALED_DAY, SEALED_HOUR } from './rollup/keep-rule.ts'

const IS_SEALED = 'SELECT 1 FROM rolled_day WHERE tenant_id = ?1 AND day_ms = ?2 AND due = 0 AND is_sealed = 1'
const OPEN_HOURS = `
  SELECT hour_ms AS hourMs FROM rolled_hour WHERE tenant_id = ?1 AND hour_ms >= ?2 AND hour_ms < ?2 + ${DAY_MS}
  AND EXISTS (SELECT 1 FROM json_each(missing) WHERE value IN (SELECT value FROM json_each(?3)))`

/**
 * Makes those sums of a day and its hours that can only be made while its events are here. Of a day of which a part is in the
 * archive it changes nothing: that day is sealed. Repeating it changes nothing.
 */
export async function sealDay(db: EventsDb, day: TenantDay): Promise<void> {
  const { tenantId, dayMs } = day
  if (await db.$client.prepare(IS_SEALED).bind(tenantId, dayMs).first()) return
  const always = JSON.stringify(SEALED_HOUR.always)
  const { results } = await db.$client.prepare(OPEN_HOURS).bind(tenantId, dayMs, always).all<{ hourMs: number }>()
  for (const { hourMs } of results) await rollUpHour(db, { tenantId, hourMs }, SEALED_HOUR)
  await rollUpDay(db, day, SEALED_DAY)
}
