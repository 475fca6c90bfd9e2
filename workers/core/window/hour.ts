/** Milliseconds in an hour. */
export const HOUR_MS = 3_600_000

/** The first instant of the UTC hour that an instant falls in, in UTC epoch milliseconds. */
export function hourOf(atMs: number): number {
  return atMs - (atMs % HOUR_MS)
}
