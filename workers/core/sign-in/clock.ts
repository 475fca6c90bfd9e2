/** By how much the clocks of those who sign may differ from ours, in seconds. */
export const SKEW_SECONDS = 60

/** Whether a token says that it was issued later than any clock can be wrong by. One that does not say passes. */
export function isFromTheFuture(issuedSeconds: number | undefined, nowMs: number): boolean {
  return issuedSeconds !== undefined && issuedSeconds > nowMs / 1000 + SKEW_SECONDS
}
