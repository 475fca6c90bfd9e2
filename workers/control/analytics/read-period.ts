import type { Interval } from '../../core/window/window.ts'
import { ceilTo, DAY_MS } from '../../db/hours.ts'
import { badParam, type Query, timeRange } from '../http/query.ts'

/** How long a period is where nothing is said, in days; the day that it is has part in it. */
const DAYS = 30

/** The period of a question: `start_date` to `end_date`; until today where no end is given, and from 30 days before where no start is. */
export function readPeriod(query: Query, nowMs: number): Interval {
  const range = timeRange(query)
  const endMs = range.endMs ?? Math.max(ceilTo(DAY_MS, nowMs + 1), (range.startMs ?? 0) + DAY_MS)
  return { startMs: range.startMs ?? Math.max(0, endMs - DAYS * DAY_MS), endMs }
}

/** A period that has to be said. Throws `request_invalid`. */
export function requirePeriod(query: Query): Interval {
  const { startMs, endMs } = timeRange(query)
  if (startMs === undefined) throw badParam('start_date', 'given')
  if (endMs === undefined) throw badParam('end_date', 'given')
  return { startMs, endMs }
}

/** A period as an answer says it: its first and its last day where it is of whole days, and instants otherwise, the end exclusive. */
export function renderPeriod({ startMs, endMs }: Interval) {
  const isOfDays = startMs % DAY_MS === 0 && endMs % DAY_MS === 0
  const text = (ms: number) => new Date(ms).toISOString()
  if (!isOfDays) return { start_date: text(startMs), end_date: text(endMs) }
  return { start_date: text(startMs).slice(0, 10), end_date: text(endMs - DAY_MS).slice(0, 10) }
}
