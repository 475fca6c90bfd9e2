import { plainNumber } from '../../contracts/lossless-json.ts'

/** A JSON value whose numbers are plain ones. */
export function plainJson(value: unknown): unknown {
  const number = plainNumber(value)
  if (number !== undefined || typeof value !== 'object' || value === null) return number ?? value
  if (Array.isArray(value)) return value.map(plainJson)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plainJson(one)]))
}
