import type { TenantId } from '../../core/access/tenant-id.ts'
import { eventIdFloor } from '../../core/usage.ts'
import { HOUR_MS } from '../../core/window/hour.ts'
import { IS_ARCHIVED } from '../archive-restore.ts'
import type { EventsDb } from '../database.ts'
import { DAY_MS } from '../hours.ts'

/** How long the periods of rollups are. */
export type Span = 'hour' | 'day'

/** One tenant's hour or day, by its first instant in UTC epoch milliseconds. */
export type Period = { tenantId: TenantId; span: Span; startMs: number }

/** Milliseconds in a period of each span. */
export const SPAN_MS: Record<Span, number> = { hour: HOUR_MS, day: DAY_MS }

/**
 * Of an archived day not all events are here: what is, is not what a period comes to. Its sums stay as they are until the events
 * are back. `?1` is the tenant, `?2` an instant.
 */
export const IS_HERE = `NOT ${IS_ARCHIVED('?1', '?2')}`

/** A statement about a period's events: `?1` the tenant, `?2` its start, `?3` and `?4` the range of its events' ids, then what is given. */
export function inPeriod(
  db: EventsDb,
  period: Period,
  [text, ...params]: [text: string, ...params: (string | number)[]],
) {
  const { tenantId, span, startMs } = period
  const ids = [eventIdFloor(startMs), eventIdFloor(startMs + SPAN_MS[span])]
  return db.$client.prepare(text).bind(tenantId, startMs, ...ids, ...params)
}
