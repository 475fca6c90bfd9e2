import { and, eq, inArray, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedEvent } from '../core/usage.ts'
import { type AuditRow, writeAudit } from './audited-batch.ts'
import { type ConfigDb, type EventsDb, isSameDatabase } from './database.ts'
import { prepared } from './in-one-batch.ts'
import { type Booking, bookingStatements } from './insert-events.ts'
import { usageEvent } from './schema/usage.ts'

/** About how many characters of events one statement is given: D1 takes texts of up to 2 MB. */
const MAX_CHARS = 400_000

/** Those of a tenant's events that are there. */
export function findEventsById(
  db: EventsDb,
  { tenantId, ids }: { tenantId: TenantId; ids: string[] },
): Promise<RecordedEvent[]> {
  // One parameter, however many ids.
  const asked = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
  return db
    .select()
    .from(usageEvent)
    .where(and(eq(usageEvent.tenant_id, tenantId), inArray(usageEvent.id, asked)))
}

function chunked(events: RecordedEvent[]): RecordedEvent[][] {
  const chunks: RecordedEvent[][] = []
  let chars = MAX_CHARS
  for (const event of events) {
    chars += JSON.stringify(event).length
    if (chars > MAX_CHARS) {
      chunks.push([])
      chars = 0
    }
    chunks.at(-1)?.push(event)
  }
  return chunks
}

/**
 * Books events that a tenant reports, marks their hours dirty and writes who did it, in one transaction; repeating it changes no event.
 * Where they are in another database, who did it is written first: it may tell of a report that then failed, and is to be repeated.
 */
export async function reportEvents(
  { db, events: eventsDb }: { db: ConfigDb; events: EventsDb },
  { tenantId, events }: Booking,
  audit: AuditRow,
): Promise<void> {
  const said = prepared(db, writeAudit(db, audit))
  const booking = chunked(events).flatMap(chunk => bookingStatements(eventsDb, { tenantId, events: chunk }))
  if (isSameDatabase(db, eventsDb)) return void (await db.$client.batch([...booking, said]))
  await said.run()
  await eventsDb.$client.batch(booking)
}
