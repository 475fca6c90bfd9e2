import { plainNumber } from '../../contracts/lossless-json.ts'

/** Deeper than any schema; below it numbers stay as they were kept, so that no body can use up the stack. */
const MAX_DEPTH = 200

/** The same JSON with numbers that JavaScript can count with, where `parseLossless` kept them as text. */
export function plainJson(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map(each => plainJson(each, depth + 1))
  const number = plainNumber(value)
  if (number !== undefined) return number
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainJson(each, depth + 1)]))
}
