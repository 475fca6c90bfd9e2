/** More tokens than any request has; sums of a few counts below it stay exact in a double. */
const MAX_COUNT = 2 ** 50

/** A count of tokens to reckon with: throws `RangeError` unless whole and not negative; above 2^50 it is read as 2^50. */
export function tokenCount(tokens: number): number {
  if (!Number.isInteger(tokens) || tokens < 0) throw new RangeError(`not a count of tokens: ${tokens}`)
  return Math.min(tokens, MAX_COUNT)
}
