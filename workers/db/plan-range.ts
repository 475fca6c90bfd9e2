import { HOUR_MS } from '../core/window/hour.ts'
import type { Interval } from '../core/window/window.ts'
import { ceilTo, DAY_MS, floorTo } from './hours.ts'

/** How a range is covered, each instant once: whole days, whole hours outside of them, and hours of which it has a part. */
export type RangePlan = { days: Interval; hours: Interval[]; partialHours: number[] }

const NONE: Interval = { startMs: 0, endMs: 0 }

function partialHours({ startMs, endMs }: Interval): number[] {
  const edges = [startMs, endMs].filter(edgeMs => edgeMs % HOUR_MS !== 0)
  return [...new Set(edges.map(edgeMs => floorTo(HOUR_MS, edgeMs)))]
}

function wholeUnits(unitMs: number, { startMs, endMs }: Interval): Interval {
  const whole = { startMs: ceilTo(unitMs, startMs), endMs: floorTo(unitMs, endMs) }
  return whole.startMs < whole.endMs ? whole : NONE
}

/** Covers `[startMs, endMs)`. `byDay: false` leaves days in hours, for answers that tell hours apart. */
export function planRange(range: Interval, byDay: boolean): RangePlan {
  const whole = wholeUnits(HOUR_MS, range)
  const days = byDay ? wholeUnits(DAY_MS, range) : NONE
  const around = [
    { startMs: whole.startMs, endMs: days.startMs },
    { startMs: days.endMs, endMs: whole.endMs },
  ]
  return { days, hours: days === NONE ? [whole] : around, partialHours: partialHours(range) }
}
