import { intervalAt } from '../window/interval-at.ts'
import type { Interval } from '../window/window.ts'
import type { Limit, Need } from './limit.ts'
import type { Charge } from './state.ts'

/** Requests in flight know no window: they count from for ever to for ever. */
const ALWAYS: Interval = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }

/** The window of a limit that an instant falls in. */
export function windowOf(limit: Limit, atMs: number): Interval {
  return limit.unit === 'in_flight' ? ALWAYS : intervalAt(limit.window, atMs)
}

/** What an attempt sets aside of a limit, in the window it falls in. */
export function chargeOf(limit: Limit, need: Need, atMs: number): Charge {
  return { limitId: limit.id, scope: limit.scope, unit: limit.unit, ...windowOf(limit, atMs), amount: need[limit.unit] }
}
