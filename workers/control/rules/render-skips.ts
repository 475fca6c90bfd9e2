import type { TenantId } from '../../core/access/tenant-id.ts'
import { HOUR_MS } from '../../core/window/hour.ts'
import { countRuleSkips, type RuleSkips } from '../../db/count-rule-skips.ts'
import type { ControlPorts } from '../ports.ts'

const DAYS = 7

/** For how many attempts each rule of a tenant could not be evaluated, in the hours of the last seven days. */
export async function readSkips(tenantId: TenantId, ports: ControlPorts): Promise<RuleSkips[]> {
  const sinceMs = Math.floor(ports.nowMs() / HOUR_MS) * HOUR_MS - DAYS * 24 * HOUR_MS
  return countRuleSkips(await ports.eventsDb(tenantId), { tenantId, sinceMs })
}

/** How often one rule was skipped, in all of that time and in each hour in which it was. */
export function renderSkips(ruleId: string, skips: RuleSkips[]) {
  const own = skips.filter(one => one.ruleId === ruleId)
  return {
    attempts: own.reduce((sum, { events }) => sum + events, 0),
    hours: own.map(({ hourMs, events }) => ({ hour: new Date(hourMs).toISOString(), attempts: events })),
  }
}
