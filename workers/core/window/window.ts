/**
 * How a limit's window repeats. `duration` is a count and unit (`30s 5m 1h 1d 2w 3M 1Q 1Y`, or Go's `1h30m`);
 * `isAligned` snaps it to the UTC calendar; otherwise it rolls on a fixed lattice from `anchorMs`.
 */
export type Window = { duration: string; isAligned: boolean; anchorMs: number }

/** A half-open interval `[startMs, endMs)` of UTC epoch milliseconds. */
export type Interval = { startMs: number; endMs: number }
