import { plainNumber } from '../contracts/lossless-json.ts'

// A text or a negative number may mean "no limit" to some vendor, so only a number within the cap is left alone.
/** The cap to send where one may be no higher than `max`: the caller's own where it is within it, as it was written. */
export function loweredCap(sent: unknown, max: number): unknown {
  const tokens = plainNumber(sent)
  return tokens !== undefined && tokens >= 0 && tokens <= max ? sent : max
}
