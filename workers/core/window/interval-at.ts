import { type CalendarStep, type Duration, parseDuration } from './parse-duration.ts'
import type { Interval, Window, YearStart } from './window.ts'

const DAY_MS = 86_400_000
/** Weeks begin on Monday; this is the first Monday of the epoch. */
const FIRST_MONDAY_MS = Date.UTC(1970, 0, 5)

function onLattice(originMs: number, stepMs: number, atMs: number): Interval {
  const startMs = originMs + Math.floor((atMs - originMs) / stepMs) * stepMs
  return { startMs, endMs: startMs + stepMs }
}

const NEW_YEAR: YearStart = { month: 1, day: 1 }

// Months are counted from January of year 0. Where the month has no such day, its last one stands in for it.
function dayOfMonth(monthsSinceYearZero: number, day: number): number {
  const year = Math.floor(monthsSinceYearZero / 12)
  const month = monthsSinceYearZero % 12
  const lastDay = () => new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  return Date.UTC(year, month, day <= 28 ? day : Math.min(day, lastDay()))
}

// Counted from where year 0 begins: in a calendar year, `3M` begins in January, April, July and October, `2Y` in even years.
function onMonths(count: number, atMs: number, { month, day }: YearStart): Interval {
  const at = new Date(atMs)
  const months = at.getUTCFullYear() * 12 + at.getUTCMonth() - (month - 1)
  const first = Math.floor(months / count) * count + (month - 1)
  const firstMs = dayOfMonth(first, day)
  // Only where the step begins in this very month can the instant lie before its day.
  if (atMs < firstMs) return { startMs: dayOfMonth(first - count, day), endMs: firstMs }
  return { startMs: firstMs, endMs: dayOfMonth(first + count, day) }
}

function onCalendar(step: CalendarStep, atMs: number, yearStart: YearStart | undefined): Interval {
  if (step.unit === 'day') return onLattice(0, step.count * DAY_MS, atMs)
  if (step.unit === 'week') return onLattice(FIRST_MONDAY_MS, step.count * 7 * DAY_MS, atMs)
  return onMonths(step.count, atMs, yearStart ?? NEW_YEAR)
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

function computed(window: Window, atMs: number): Interval {
  const duration = durationOf(window.duration)
  if (!window.isAligned) return onLattice(window.anchorMs, duration.ms, atMs)
  return duration.step ? onCalendar(duration.step, atMs, window.yearStart) : onLattice(0, duration.ms, atMs)
}

// The interval that was asked for last: instants come close together, and there are many limits to a request.
const remembered = new WeakMap<Window, Interval>()

/**
 * The window that an instant falls in; the one function for check, charge, reset and display. Aligned durations of less
 * than a day, or of no whole calendar unit, snap to the epoch; `yearStart` moves those of whole months, quarters and years.
 * Throws `RangeError` on a duration that does not parse.
 */
export function intervalAt(window: Window, atMs: number): Interval {
  const known = remembered.get(window)
  if (known && known.startMs <= atMs && atMs < known.endMs) return known
  const interval = computed(window, atMs)
  remembered.set(window, interval)
  return interval
}
