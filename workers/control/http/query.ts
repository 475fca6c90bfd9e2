import { DAY_MS } from '../../db/hours.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { parseIsoTime } from './iso-time.ts'

/** The end of the year 9999: later instants have no four-digit year to be written with. */
const MAX_MS = 253_402_300_800_000

/** A request's query parameters. An empty one counts as absent. */
export type Query = Record<string, string | undefined>

/** Refuses a query parameter (400), and names it. */
export function badParam(param: string, rule: string): GatewayError {
  return new GatewayError('request_invalid', `${param} must be ${rule}.`, { param })
}

/** A whole number between two bounds, or `otherwise` where the parameter is absent. */
export function wholeNumber(
  query: Query,
  param: string,
  spec: { min: number; max: number; otherwise: number },
): number {
  const text = query[param]
  if (!text) return spec.otherwise
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= spec.min && value <= spec.max) return value
  throw badParam(param, `a whole number from ${spec.min} to ${spec.max}`)
}

/** One of the allowed words, or `undefined` where the parameter is absent. */
export function oneOf<T extends string>(query: Query, param: string, allowed: readonly T[]): T | undefined {
  const text = query[param]
  if (!text) return undefined
  const found = allowed.find(word => word === text)
  if (found === undefined) throw badParam(param, `one of ${allowed.join(', ')}`)
  return found
}

function time(query: Query, param: string): { ms: number; isDate: boolean } | undefined {
  const text = query[param]
  if (!text) return undefined
  // A `+` of a zone that was not escaped reaches us as a space.
  const parsed = parseIsoTime(text.replace(/ (?=\d\d:\d\d$)/, '+'))
  if (parsed && parsed.ms >= 0 && parsed.ms < MAX_MS) return parsed
  throw badParam(param, 'an ISO 8601 date or date-time since 1970, such as 2026-01-31 or 2026-01-31T12:00:00Z')
}

/** An instant, in UTC epoch milliseconds, or `undefined` where the parameter is absent. */
export function instantOf(query: Query, param: string): number | undefined {
  return time(query, param)?.ms
}

/** `[startMs, endMs)` of `start_date` and `end_date`, in UTC epoch milliseconds. An end without a time includes its day. */
export function timeRange(query: Query): { startMs?: number; endMs?: number } {
  const start = time(query, 'start_date')
  const end = time(query, 'end_date')
  const endMs = end && (end.isDate ? end.ms + DAY_MS : end.ms)
  if (start && endMs !== undefined && endMs <= start.ms) throw badParam('end_date', 'after start_date')
  return { ...(start && { startMs: start.ms }), ...(endMs !== undefined && { endMs }) }
}
