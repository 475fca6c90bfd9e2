const SECOND = 1000
const DAY = 86_400 * SECOND

/** Fixed lengths of the units, in milliseconds. A rolling month is 30 days, a quarter 90, a year 365 (governance contract 2.7). */
const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
  d: DAY,
  w: 7 * DAY,
  M: 30 * DAY,
  Q: 90 * DAY,
  Y: 365 * DAY,
}

const PART = /(\d+(?:\.\d+)?)(ms|[smhdwMQY])/y
const MIN_MS = SECOND
const MAX_MS = 100 * 365 * DAY

/** The calendar step of a duration, where it has one: whole days, weeks or months. */
export type CalendarStep = { unit: 'day' | 'week' | 'month'; count: number }

/** A duration as a fixed length in milliseconds and, where it is whole calendar units, as a calendar step. */
export type Duration = { ms: number; step: CalendarStep | undefined }

function calendarStep(count: number, unit: string): CalendarStep | undefined {
  if (!Number.isInteger(count)) return undefined
  if (unit === 'd') return { unit: 'day', count }
  if (unit === 'w') return { unit: 'week', count }
  const months = { M: 1, Q: 3, Y: 12 }[unit]
  return months ? { unit: 'month', count: count * months } : undefined
}

function splitParts(text: string): [count: number, unit: string][] | undefined {
  const parts: [number, string][] = []
  PART.lastIndex = 0
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text)
    if (!match?.[1] || !match[2]) return undefined
    parts.push([Number(match[1]), match[2]])
  }
  return parts.length > 0 ? parts : undefined
}

/**
 * Reads `30s 5m 1h 1d 2w 3M 1Q 1Y`, fractions (`1.5d`) and Go's sums (`1h30m`). Case matters: `m` is a minute, `M` a month.
 * `undefined` for anything else, for less than a second and for more than 100 years.
 */
export function parseDuration(text: string): Duration | undefined {
  const parts = text.length <= 32 ? splitParts(text) : undefined
  if (!parts) return undefined
  const ms = parts.reduce((sum, [count, unit]) => sum + count * (UNIT_MS[unit] ?? Number.NaN), 0)
  if (!Number.isInteger(ms) || ms < MIN_MS || ms > MAX_MS) return undefined
  const only = parts.length === 1 ? parts[0] : undefined
  return { ms, step: only && calendarStep(...only) }
}
