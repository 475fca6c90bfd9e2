import { usdFromNano } from '../../core/money/nano-usd.ts'
import { intervalAt } from '../../core/window/interval-at.ts'
import type { LimitRow } from '../../db/find-limits.ts'
import { renderBehaviour } from '../governance/apply-behaviour.ts'
import { windowOf } from '../governance/limits-of.ts'
import type { LimitUsage } from '../ports.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** The window of a limit's in which an instant falls. */
export function currentWindow(limit: LimitRow, nowMs: number) {
  return intervalAt(windowOf({ ...limit, calendarAligned: limit.isAligned === 1 }, limit.duration), nowMs)
}

function behaviourOf({ thresholds, ...limit }: LimitRow) {
  return renderBehaviour({ ...limit, thresholds: thresholds === null ? null : JSON.parse(thresholds) })
}

function renderWindow(limit: LimitRow, nowMs: number) {
  if (limit.unit === 'in_flight') return { duration: null, calendar_aligned: false, window: null }
  const { startMs, endMs } = currentWindow(limit, nowMs)
  const window = { starts_at: iso(startMs), resets_at: iso(endMs) }
  return { duration: limit.duration, calendar_aligned: limit.isAligned === 1, window }
}

/** A limit as `/v1/limits` shows it: dollars for money, whole units for the rest. */
export function renderLimit(limit: LimitRow, readings: LimitUsage[], nowMs: number) {
  const { used } = readings.find(one => one.limitId === limit.id && one.endMs > nowMs) ?? { used: 0 }
  const isMoney = limit.unit === 'nano_usd'
  return {
    id: limit.id,
    scope: limit.scope,
    unit: limit.unit,
    ...(isMoney ? { max_usd: usdFromNano(limit.max), used_usd: usdFromNano(used) } : { max: limit.max, used }),
    ...renderWindow(limit, nowMs),
    ...behaviourOf(limit),
    created_at: iso(limit.createdMs),
    updated_at: iso(limit.updatedMs),
  }
}
