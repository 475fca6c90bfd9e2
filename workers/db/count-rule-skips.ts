import type { TenantId } from '../core/access/tenant-id.ts'
import { eventIdFloor } from '../core/usage.ts'
import type { EventsDb } from './database.ts'

/** An hour in which a rule could not be evaluated, and for how many attempts. */
export type RuleSkips = { ruleId: string; hourMs: number; events: number }

// Hours that wait to be summed are counted as they are.
const COUNT = `
  SELECT rule_id AS ruleId, hour_ms AS hourMs, events FROM rule_skip_hour AS sums
  WHERE tenant_id = ?1 AND hour_ms >= ?2 AND NOT EXISTS
    (SELECT 1 FROM dirty_hour AS d WHERE d.tenant_id = ?1 AND d.hour_ms = sums.hour_ms)
  UNION ALL
  SELECT rule.value, timestamp_ms - timestamp_ms % 3600000, count(*) FROM usage_event, json_each(rules_skipped) AS rule
  WHERE tenant_id = ?1 AND usage_event.id >= ?3 AND rules_skipped IS NOT NULL
    AND timestamp_ms - timestamp_ms % 3600000 IN (SELECT hour_ms FROM dirty_hour WHERE tenant_id = ?1)
  GROUP BY 1, 2 ORDER BY 2, 1`

/** For how many attempts each rule of a tenant could not be evaluated, by hours from `sinceMs` (the beginning of one) on. */
export async function countRuleSkips(db: EventsDb, of: { tenantId: TenantId; sinceMs: number }): Promise<RuleSkips[]> {
  const { tenantId, sinceMs } = of
  const { results } = await db.$client.prepare(COUNT).bind(tenantId, sinceMs, eventIdFloor(sinceMs)).all<RuleSkips>()
  return results
}
