import { eventIdFloor } from '../core/usage.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import { IS_ARCHIVED } from './archive-restore.ts'
import type { EventsDb } from './database.ts'
import type { TenantHour } from './find-dirty-hours.ts'
import { FIND_LIMIT_GAPS, type LimitGap } from './limit-gaps.ts'
import type { reconcileDifference } from './schema/reconcile.ts'

/** What calls came to. The names are those of the kinds of difference. */
export type Sums = { events: number; cost_nano: number; input_tokens: number; output_tokens: number }

/** Sums of one key in one hour. */
export type KeySums = Sums & { virtual_key_id: string }

/** A meter's statement, and the change of it that was read. */
export type Stated = KeySums & { meter: string; change_seq: number }

/**
 * What D1 has of one key: its events, and beside them its correction, whose `missing_events` are those it stands for.
 * `revision` is 0 where there is no correction.
 */
export type Booked = KeySums & {
  missing_events: number
  correction_cost_nano: number
  correction_input_tokens: number
  correction_output_tokens: number
  revision: number
}

/** A difference that was seen before. */
export type Difference = typeof reconcileDifference.$inferSelect

/** All that is known of one tenant's hour, read at one instant. Limits that agree are left out. */
export type HourReading = {
  stated: Stated[]
  booked: Booked[]
  rolledUp: KeySums[]
  gaps: LimitGap[]
  known: Difference[]
  /** Its keys have no sums to compare: the hour is dirty, or has too few events for sums to be kept. */
  isNotSummed: boolean
}

const AMOUNTS = ['cost_nano', 'input_tokens', 'output_tokens']
const isOwn = "outcome <> 'correction'"
const sumOf = (what: string, filter: string) => `coalesce(sum(${what}) FILTER (WHERE ${filter}), 0)`

const STATED = `SELECT virtual_key_id, meter, change_seq, events, ${AMOUNTS.join(', ')} FROM meter_hour
  WHERE tenant_id = ?1 AND hour_ms = ?2`
const BOOKED = `SELECT virtual_key_id, count(*) FILTER (WHERE ${isOwn}) AS events,
    ${AMOUNTS.map(name => `${sumOf(name, isOwn)} AS ${name}, ${sumOf(name, `NOT ${isOwn}`)} AS correction_${name}`)},
    ${sumOf("tags ->> '$.missing_events'", `NOT ${isOwn}`)} AS missing_events,
    coalesce(max(revision) FILTER (WHERE NOT ${isOwn}), 0) AS revision
  FROM usage_event WHERE tenant_id = ?1 AND id >= ?3 AND id < ?4 GROUP BY virtual_key_id`
const ROLLED_UP = `SELECT virtual_key_id, sum(events) AS events, ${AMOUNTS.map(name => `sum(${name}) AS ${name}`)}
  FROM rollup_hour WHERE tenant_id = ?1 AND facet = 'key' AND hour_ms = ?2 GROUP BY virtual_key_id`
const NOT_SUMMED = `SELECT 1 FROM dirty_hour WHERE tenant_id = ?1 AND hour_ms = ?2
  UNION ALL SELECT 1 FROM rolled_hour CROSS JOIN json_each(missing) AS gone
  WHERE tenant_id = ?1 AND hour_ms = ?2 AND gone.value = 'key'`
const KNOWN = `SELECT tenant_id, hour_ms, virtual_key_id, kind, subject, expected, found, first_seen_ms, seen_ms,
  corrected_ms FROM reconcile_difference WHERE tenant_id = ?1 AND hour_ms = ?2`

const ARCHIVED = `SELECT 1 WHERE ?1 IS NOT NULL AND ${IS_ARCHIVED('?1', '?2')}`

/**
 * Reads what meters, events and rollups say of one tenant's hour, in one transaction. Throws where its events are in the archive:
 * it would look as if they were lost.
 */
export async function readHour(db: EventsDb, { tenantId, hourMs }: TenantHour): Promise<HourReading> {
  const ids = [eventIdFloor(hourMs), eventIdFloor(hourMs + HOUR_MS)]
  const ofHour = (text: string) => db.$client.prepare(text).bind(tenantId, hourMs)
  const ofEvents = (text: string) => db.$client.prepare(text).bind(tenantId, hourMs, ...ids)
  const results = await db.$client.batch([
    ...[
      ofHour(STATED),
      ofEvents(BOOKED),
      ofHour(ROLLED_UP),
      ofEvents(FIND_LIMIT_GAPS),
      ofHour(KNOWN),
      ofHour(NOT_SUMMED),
    ],
    ofHour(ARCHIVED),
  ])
  const [stated, booked, rolledUp, gaps, known, notSummed, archived] = results.map(
    ({ results: rows }) => rows as never[],
  )
  if (archived && archived.length > 0) throw new Error('the events of this hour are archived')
  return {
    ...{ stated: stated ?? [], booked: booked ?? [], rolledUp: rolledUp ?? [], gaps: gaps ?? [], known: known ?? [] },
    isNotSummed: (notSummed?.length ?? 0) > 0,
  }
}
