import { eventIdFloor } from '../core/usage.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import type { Database } from './database.ts'
import type { TenantHour } from './find-dirty-hours.ts'
import { DAY_MS, floorTo } from './hours.ts'

const DIMENSIONS = 'provider, model, virtual_key_id'
const TOKENS = ['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens']
const AMOUNTS = [...TOKENS, 'cost_nano', 'overrun_nano']
const SUMS = ['events', 'successes', ...AMOUNTS].join(', ')
const add = (columns: string[]) => columns.map(column => `sum(${column})`).join(', ')

// Recomputed, not incremented: running it again, or beside itself, cannot count anything twice.
const CLEAR_HOUR = 'DELETE FROM rollup_hour WHERE tenant_id = ?1 AND hour_ms = ?2'
const FILL_HOUR = `
  INSERT INTO rollup_hour (tenant_id, hour_ms, ${DIMENSIONS}, ${SUMS})
  SELECT ?1, ?2, ${DIMENSIONS}, count(*), sum(success), ${add(AMOUNTS)}
  FROM usage_event WHERE tenant_id = ?1 AND id >= ?3 AND id < ?4 GROUP BY ${DIMENSIONS}`
const CLEAR_SKIPS = 'DELETE FROM rule_skip_hour WHERE tenant_id = ?1 AND hour_ms = ?2'
const FILL_SKIPS = `
  INSERT INTO rule_skip_hour (tenant_id, hour_ms, rule_id, events)
  SELECT ?1, ?2, rule.value, count(*) FROM usage_event, json_each(rules_skipped) AS rule
  WHERE tenant_id = ?1 AND usage_event.id >= ?3 AND usage_event.id < ?4 AND rules_skipped IS NOT NULL GROUP BY rule.value`
const CLEAR_DAY = 'DELETE FROM rollup_day WHERE tenant_id = ?1 AND day_ms = ?2'
const FILL_DAY = `
  INSERT INTO rollup_day (tenant_id, day_ms, ${DIMENSIONS}, ${SUMS})
  SELECT ?1, ?2, ${DIMENSIONS}, ${add(['events', 'successes', ...AMOUNTS])}
  FROM rollup_hour WHERE tenant_id = ?1 AND hour_ms >= ?2 AND hour_ms < ?3 GROUP BY ${DIMENSIONS}`
const MARK_CLEAN = 'DELETE FROM dirty_hour WHERE tenant_id = ?1 AND hour_ms = ?2'

/** Makes one hour's sums, and those of its day, from what is there, and takes the hour's dirty mark; one transaction. */
export async function rollUpHour(db: Database, { tenantId, hourMs }: TenantHour): Promise<void> {
  const dayMs = floorTo(DAY_MS, hourMs)
  const run = (text: string, ...params: (string | number)[]) => db.$client.prepare(text).bind(tenantId, ...params)
  const ids = [eventIdFloor(hourMs), eventIdFloor(hourMs + HOUR_MS)]
  await db.$client.batch([
    run(CLEAR_HOUR, hourMs),
    run(FILL_HOUR, hourMs, ...ids),
    run(CLEAR_SKIPS, hourMs),
    run(FILL_SKIPS, hourMs, ...ids),
    run(CLEAR_DAY, dayMs),
    run(FILL_DAY, dayMs, dayMs + DAY_MS),
    run(MARK_CLEAN, hourMs),
  ])
}
