import { plainNumber } from '../contracts/lossless-json.ts'

/** The cap to send where one may be no higher than `max`: the caller's own where it is within it, as it was written. */
export function loweredCap(sent: unknown, max: number): unknown {
  const tokens = plainNumber(sent)
  return tokens !== undefined && tokens >= 0 && tokens <= max ? sent : max
}
