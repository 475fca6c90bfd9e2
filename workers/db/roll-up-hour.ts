import { eventIdFloor } from '../core/usage.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import type { EventsDb } from './database.ts'
import type { TenantHour } from './find-dirty-hours.ts'
import { DAY_MS, floorTo } from './hours.ts'
import { chooseKept } from './rollup/choose-kept.ts'
import { countFacets } from './rollup/count-facets.ts'
import { FACET_NAMES } from './rollup/facets.ts'
import { fillFacet } from './rollup/fill-facet.ts'
import { type KeepRule, USUAL_HOUR } from './rollup/keep-rule.ts'
import { IS_HERE, type Period } from './rollup/period.ts'

const MARK_ROLLED = `
  INSERT INTO rolled_hour (tenant_id, hour_ms, missing) SELECT ?1, ?2, ?3 WHERE ${IS_HERE}
  ON CONFLICT DO UPDATE SET missing = excluded.missing WHERE missing <> excluded.missing`
const MARK_DAY = `
  INSERT INTO rolled_day (tenant_id, day_ms, missing, due, is_sealed) SELECT ?1, ?2, '[]', 1, 0 WHERE ${IS_HERE}
  ON CONFLICT DO UPDATE SET due = 1, is_sealed = 0 WHERE due <> 1`
const MARK_SEGMENT = `
  INSERT INTO day_segment (tenant_id, day_ms, due, format, events, objects, writing) SELECT ?1, ?2, 1, 0, 0, '[]', '[]' WHERE ${IS_HERE}
  ON CONFLICT DO UPDATE SET due = 1 WHERE due <> 1`
const CLEAR_SKIPS = `DELETE FROM rule_skip_hour WHERE tenant_id = ?1 AND hour_ms = ?2 AND ${IS_HERE}`
const FILL_SKIPS = `
  INSERT INTO rule_skip_hour (tenant_id, hour_ms, rule_id, events)
  SELECT ?1, ?2, rule.value, count(*) FROM usage_event, json_each(rules_skipped) AS rule
  WHERE tenant_id = ?1 AND usage_event.id >= ?3 AND usage_event.id < ?4 AND rules_skipped IS NOT NULL
  AND ${IS_HERE} GROUP BY rule.value`
const MARK_CLEAN = `DELETE FROM dirty_hour WHERE tenant_id = ?1 AND hour_ms = ?2 AND ${IS_HERE}`

/**
 * Makes one hour's sums from its events, says that its day is to be made and its segment written, and takes the hour's dirty mark; one transaction.
 * Recomputed, not incremented: running it again, or beside itself, cannot count anything twice.
 */
export async function rollUpHour(db: EventsDb, hour: TenantHour, rule: KeepRule = USUAL_HOUR): Promise<void> {
  const { tenantId, hourMs } = hour
  const period: Period = { tenantId, span: 'hour', startMs: hourMs }
  const { events, sizes } = await countFacets(db, period, rule)
  const kept = chooseKept(sizes, rule, events)
  const run = (text: string, ...params: (string | number)[]) => db.$client.prepare(text).bind(tenantId, ...params)
  const ids = [eventIdFloor(hourMs), eventIdFloor(hourMs + HOUR_MS)]
  await db.$client.batch([
    ...FACET_NAMES.flatMap(facet => fillFacet(db, period, [facet, kept])),
    run(MARK_ROLLED, hourMs, JSON.stringify(kept.missing)),
    run(MARK_DAY, floorTo(DAY_MS, hourMs)),
    run(MARK_SEGMENT, floorTo(DAY_MS, hourMs)),
    run(CLEAR_SKIPS, hourMs),
    run(FILL_SKIPS, hourMs, ...ids),
    run(MARK_CLEAN, hourMs),
  ])
}
