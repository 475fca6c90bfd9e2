import { plainNumber } from '../../contracts/lossless-json.ts'

/** Deeper than any schema, and far from the end of the stack. */
const MAX_DEPTH = 256

/** JSON whose kept numbers are plain ones. Throws RangeError where it is nested too deep. */
export function plainJson(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) throw new RangeError('nested too deep')
  if (Array.isArray(value)) return value.map(item => plainJson(item, depth + 1))
  const number = plainNumber(value)
  if (number !== undefined) return number
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainJson(member, depth + 1)]))
}
