import { callStartMs } from '../core/usage.ts'
import { hourOf } from '../core/window/hour.ts'

/** Milliseconds in a UTC day, which has no leap seconds in epoch time. */
export const DAY_MS = 86_400_000

/** The last multiple of `unitMs` that is not after `atMs`. */
export function floorTo(unitMs: number, atMs: number): number {
  return atMs - (atMs % unitMs)
}

/** The first multiple of `unitMs` that is not before `atMs`. */
export function ceilTo(unitMs: number, atMs: number): number {
  return floorTo(unitMs, atMs + unitMs - 1)
}

/** The UTC hour that an event belongs to: that in which its call began, which is also its `timestamp_ms`. */
export function hourOfEvent(eventId: string): number {
  return hourOf(callStartMs(eventId.slice('evt_'.length)))
}
