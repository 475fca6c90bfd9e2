import type { Interval } from '../../core/window/window.ts'
import { DAY_MS } from '../../db/hours.ts'

/** How a budget is being spent: the rate so far, and where that leads. */
export type Burn = {
  nanoPerDay: number
  projectedNano: number
  elapsedShare: number
  exhaustedMs: number | undefined
  status: 'on_track' | 'at_risk' | 'exceeded'
}

/** A rate is not reckoned from less than this share of a window: a call in its first second says nothing of the rest. */
const LEAST_SHARE = 0.01

function exhaustion({ startMs, endMs }: Interval, maxNano: number, nanoPerMs: number): number | undefined {
  const atMs = Math.ceil(startMs + maxNano / nanoPerMs)
  return nanoPerMs > 0 && atMs < endMs ? atMs : undefined
}

/** How a budget of so much is being spent, as if the rest of its window went as it did until now. */
export function burnOf(budget: { maxNano: number; usedNano: number }, window: Interval, nowMs: number): Burn {
  const { maxNano, usedNano } = budget
  const lengthMs = window.endMs - window.startMs
  const elapsedShare = Math.min(1, Math.max(0, (nowMs - window.startMs) / lengthMs))
  const nanoPerMs = usedNano / (Math.max(elapsedShare, LEAST_SHARE) * lengthMs)
  const projectedNano = Math.max(usedNano, Math.round(nanoPerMs * lengthMs))
  const isExceeded = usedNano >= maxNano
  return {
    nanoPerDay: Math.round(nanoPerMs * DAY_MS),
    projectedNano,
    elapsedShare,
    exhaustedMs: isExceeded ? undefined : exhaustion(window, maxNano, nanoPerMs),
    status: isExceeded ? 'exceeded' : projectedNano > maxNano ? 'at_risk' : 'on_track',
  }
}
