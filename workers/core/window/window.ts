/**
 * How a limit's window repeats. `duration` is a count and unit (`30s 5m 1h 1d 2w 3M 1Q 1Y`, or Go's `1h30m`);
 * `isAligned` snaps it to the UTC calendar; otherwise it rolls on a fixed lattice from `anchorMs`.
 */
export type Window = {
  duration: string
  isAligned: boolean
  anchorMs: number
  /**
   * Where the year begins for aligned windows of months, quarters and years; absent: January 1. In a month that has no such
   * day, its last day stands in for it.
   */
  yearStart?: YearStart
}

/** A day of the year: month 1 to 12, day 1 to 31. */
export type YearStart = { month: number; day: number }

/** A half-open interval `[startMs, endMs)` of UTC epoch milliseconds. */
export type Interval = { startMs: number; endMs: number }
