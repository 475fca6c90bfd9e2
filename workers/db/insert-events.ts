import { getTableColumns } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { hourOfEvent } from './hours.ts'
import { prepared, type Statement } from './in-one-batch.ts'
import { usageEvent } from './schema/usage.ts'

const fields = Object.keys(getTableColumns(usageEvent)).filter(name => name !== 'tenant_id')
const isKey = (name: string) => name === 'id'
const extracted = (name: string) =>
  name === 'source' ? `coalesce(value ->> '$.source', 'gateway')` : `json_extract(value, '$.${name}')`

// json_each: one bound text whatever the number of rows, where VALUES would stop at D1's 100 parameters.
const INSERT_EVENTS = `
  INSERT INTO usage_event (tenant_id, ${fields.join(', ')})
  SELECT ?2, ${fields.map(extracted).join(', ')} FROM json_each(?1) WHERE true
  ON CONFLICT (tenant_id, id) DO UPDATE
  SET ${fields
    .filter(name => !isKey(name))
    .map(name => `${name} = excluded.${name}`)
    .join(', ')}
  WHERE excluded.revision > usage_event.revision`

// What was compared already has to be compared again. Hours that are not over have no statement yet, and nothing is written.
const TOUCH_STATEMENTS = `
  UPDATE meter_hour SET change_seq = change_seq + 1 WHERE tenant_id = ?2
    AND (hour_ms, virtual_key_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))`

const MARK_HOURS = 'INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms) SELECT ?2, value FROM json_each(?1)'

/** Events of one tenant, to be booked. */
export type Booking<E extends RecordedEvent = RecordedEvent> = { tenantId: TenantId; events: E[] }

/** The statements that book events and mark their hours dirty; to be run in one transaction. */
export function bookingStatements(db: EventsDb, { tenantId, events }: Booking): D1PreparedStatement[] {
  const hours = [...new Set(events.map(event => hourOfEvent(event.id)))]
  return [
    db.$client.prepare(INSERT_EVENTS).bind(JSON.stringify(events), tenantId),
    db.$client.prepare(MARK_HOURS).bind(JSON.stringify(hours), tenantId),
  ]
}

function hourAndKey(hourMs: number, keyId: string): [name: string, pair: [number, string]] {
  return [`${hourMs}/${keyId}`, [hourMs, keyId]]
}

/**
 * Books one tenant's events and marks their hours dirty, in one transaction. An event that is there already is replaced
 * by a later revision and otherwise left alone, so that booking twice is booking once. `also` is run after that in the same
 * transaction; answers the rows of its statements.
 */
export async function insertEvents(db: EventsDb, booking: Booking, also: Statement[] = []): Promise<unknown[][]> {
  const touched = new Map(booking.events.map(({ id, virtual_key_id: keyId }) => hourAndKey(hourOfEvent(id), keyId)))
  const own = [
    ...bookingStatements(db, booking),
    db.$client.prepare(TOUCH_STATEMENTS).bind(JSON.stringify([...touched.values()]), booking.tenantId),
  ]
  const results = await db.$client.batch([...own, ...also.map(statement => prepared(db, statement))])
  return results.slice(own.length).map(result => result.results)
}
