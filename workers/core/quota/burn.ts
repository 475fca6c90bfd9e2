const DAY_MS = 86_400_000
/** Before so much of a window is over, what was used in it says nothing of the rest. */
const MIN_ELAPSED_MS = 60_000

/** What was used of a maximum since an instant, in a window that ends. */
export type Usage = { used: number; max: number; sinceMs: number; endMs: number; nowMs: number }

/** How fast it goes in whole units a day, and when nothing will be left; `undefined`: nobody knows yet, or not in this window. */
export type Burn = { perDay: number | undefined; exhaustedMs: number | undefined }

/** Where a maximum is going if it goes on being used as it was in its window so far. For display: nothing is decided by it. */
export function burnOf({ used, max, sinceMs, endMs, nowMs }: Usage): Burn {
  const elapsedMs = nowMs - sinceMs
  if (elapsedMs < MIN_ELAPSED_MS) return { perDay: undefined, exhaustedMs: undefined }
  const leftMs = used > 0 && used < max ? ((max - used) / used) * elapsedMs : Number.POSITIVE_INFINITY
  const atMs = Math.ceil(nowMs + leftMs)
  return { perDay: Math.round((used * DAY_MS) / elapsedMs), exhaustedMs: atMs < endMs ? atMs : undefined }
}
