import type { z } from 'zod'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import { burnOf } from '../../core/quota/burn.ts'
import type { LimitRow } from '../../db/find-limits.ts'
import { currentWindow } from '../limits/render-limit.ts'
import type { LimitUsage } from '../ports.ts'
import { ownerOfScope } from './budget-scope.ts'
import type { BudgetShape } from './budget-shape.ts'
import { DURATIONS } from './read-budget.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const NOBODY = { agent_name: null, user_id: null, tags: {} }

function periodOf({ duration, isAligned }: LimitRow): string {
  const [named] = Object.entries(DURATIONS).find(one => one[1] === duration) ?? []
  return isAligned === 1 && named ? named : duration
}

function thresholdOf({ thresholds }: LimitRow): number | null {
  const percents: number[] = thresholds === null ? [] : JSON.parse(thresholds)
  return percents.length === 0 ? null : Math.min(...percents) / 100
}

function statusOf(used: number, { max }: LimitRow, threshold: number | null) {
  if (used >= max) return 'exceeded'
  return threshold !== null && used >= threshold * max ? 'warning' : 'active'
}

function renderMoney(limit: LimitRow, used: number, nowMs: number) {
  const { startMs, endMs } = currentWindow(limit, nowMs)
  const { perDay, exhaustedMs } = burnOf({
    used,
    max: limit.max,
    sinceMs: Math.max(startMs, limit.createdMs),
    endMs,
    nowMs,
  })
  return {
    ...{ spent_usd: usdFromNano(used), remaining_usd: usdFromNano(Math.max(0, limit.max - used)) },
    burn_rate_usd_per_day: perDay === undefined ? null : usdFromNano(perDay),
    projected_exhaustion_at: exhaustedMs === undefined ? null : iso(exhaustedMs),
    ...{ period_start: iso(startMs), period_end: iso(endMs) },
  }
}

/** A budget as the API shows it. */
export function renderBudget(limit: LimitRow, readings: LimitUsage[], nowMs: number): z.input<typeof BudgetShape> {
  const { used } = readings.find(one => one.limitId === limit.id && one.endMs > nowMs) ?? { used: 0 }
  const threshold = thresholdOf(limit)
  const { id, scope, max, onExceed } = limit
  return {
    ...{ id, ...(ownerOfScope(scope) ?? NOBODY), scope, amount_usd: usdFromNano(max), period: periodOf(limit) },
    ...{ enforcement: onExceed === 'refuse' ? 'block' : onExceed, alert_threshold: threshold },
    status: statusOf(used, limit, threshold),
    ...renderMoney(limit, used, nowMs),
    ...{ created_at: iso(limit.createdMs), updated_at: iso(limit.updatedMs) },
  }
}
