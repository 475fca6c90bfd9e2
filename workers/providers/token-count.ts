import { plainNumber } from '../contracts/lossless-json.ts'

/** A count of tokens as a vendor tells it; `undefined` where it is absent, negative, broken or no number. */
export function tokenCount(value: unknown): number | undefined {
  const tokens = plainNumber(value)
  return Number.isSafeInteger(tokens) && Number(tokens) >= 0 ? tokens : undefined
}
