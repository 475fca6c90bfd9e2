import { type CalendarStep, type Duration, parseDuration } from './parse-duration.ts'
import type { Interval, Window } from './window.ts'

const DAY_MS = 86_400_000
/** Weeks begin on Monday; this is the first Monday of the epoch. */
const FIRST_MONDAY_MS = Date.UTC(1970, 0, 5)

function onLattice(originMs: number, stepMs: number, atMs: number): Interval {
  const startMs = originMs + Math.floor((atMs - originMs) / stepMs) * stepMs
  return { startMs, endMs: startMs + stepMs }
}

function startOfMonth(monthsSinceYearZero: number): number {
  return Date.UTC(Math.floor(monthsSinceYearZero / 12), monthsSinceYearZero % 12)
}

// Counted from January of year 0, so that `3M` begins in January, April, July and October, and `2Y` in even years.
function onMonths(count: number, atMs: number): Interval {
  const at = new Date(atMs)
  const first = Math.floor((at.getUTCFullYear() * 12 + at.getUTCMonth()) / count) * count
  return { startMs: startOfMonth(first), endMs: startOfMonth(first + count) }
}

function onCalendar(step: CalendarStep, atMs: number): Interval {
  if (step.unit === 'day') return onLattice(0, step.count * DAY_MS, atMs)
  if (step.unit === 'week') return onLattice(FIRST_MONDAY_MS, step.count * 7 * DAY_MS, atMs)
  return onMonths(step.count, atMs)
}

const parsed = new Map<string, Duration>()

function durationOf(text: string): Duration {
  const known = parsed.get(text)
  if (known) return known
  const duration = parseDuration(text)
  if (!duration) throw new RangeError(`not a duration: ${text}`)
  if (parsed.size < 1000) parsed.set(text, duration)
  return duration
}

/**
 * The window that an instant falls in; the one function for check, charge, reset and display. Aligned durations of less
 * than a day, or of no whole calendar unit, snap to the epoch. Throws `RangeError` on a duration that does not parse.
 */
export function intervalAt(window: Window, atMs: number): Interval {
  const duration = durationOf(window.duration)
  if (!window.isAligned) return onLattice(window.anchorMs, duration.ms, atMs)
  return duration.step ? onCalendar(duration.step, atMs) : onLattice(0, duration.ms, atMs)
}
