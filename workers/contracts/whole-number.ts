import { z } from 'zod'
import { plainNumber } from './lossless-json.ts'

/** A number as JSON has it: `1e3` and `10.0` are whole, though they are kept as they were written. Absent and null pass. */
export function wholeNumber(max: number) {
  return z.preprocess(value => plainNumber(value) ?? value, z.int().min(1).max(max).nullish())
}

/** A count of tokens that a caller asks for. */
export const askedTokens = wholeNumber(1_000_000_000)
