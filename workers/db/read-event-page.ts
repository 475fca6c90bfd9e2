import { and, asc, eq, getTableColumns, gt, lte, min, ne, or, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { type EventQuery, eventsMatching } from './event-query.ts'
import { DAY_MS } from './hours.ts'
import { eventArchive } from './schema/exports.ts'
import { usageEvent } from './schema/usage.ts'

/** A file of archived events. */
export type ArchiveFile = typeof eventArchive.$inferSelect

/** Ids after the first and up to the second. */
export type IdRange = { after: string; upTo: string }

/** What a range holds: files of the archive in the order of their ids, and matching rows of D1, each at most so many. */
export type EventPage = { files: ArchiveFile[]; events: RecordedEvent[] }

/** The first event of a tenant's in a range that is in D1. */
export async function findNextEventId(
  db: EventsDb,
  tenantId: TenantId,
  { after, upTo }: IdRange,
): Promise<string | undefined> {
  const inRange = and(eq(usageEvent.tenant_id, tenantId), gt(usageEvent.id, after), lte(usageEvent.id, upTo))
  const row = await db
    .select({ id: min(usageEvent.id) })
    .from(usageEvent)
    .where(inRange)
    .get()
  return row?.id ?? undefined
}

// A row may match no longer where its copy in the archive does: of days that have a file all rows are read.
function isOfArchivedDay(): SQL {
  return sql`EXISTS (SELECT 1 FROM ${eventArchive} WHERE ${eventArchive.tenantId} = ${usageEvent.tenant_id}
    AND ${eventArchive.dayMs} = ${usageEvent.timestamp_ms} - ${usageEvent.timestamp_ms} % ${DAY_MS})`
}

/**
 * One reading of both places that events can be in: no event that is moved from one to the other in the meantime is in
 * neither. It may be in both, with the same id. Of archived days there are events that do not match.
 */
export async function readEventPage(
  db: EventsDb,
  { query, range, limits }: { query: EventQuery; range: IdRange; limits: { files: number; events: number } },
): Promise<EventPage> {
  const { tenantId } = query
  const isInFile = and(gt(eventArchive.lastId, range.after), lte(eventArchive.firstId, range.upTo))
  const isInRange = and(gt(usageEvent.id, range.after), lte(usageEvent.id, range.upTo))
  const [files, events] = await db.batch([
    db
      .select()
      .from(eventArchive)
      .where(and(eq(eventArchive.tenantId, tenantId), ne(eventArchive.state, 'writing'), isInFile))
      .orderBy(asc(eventArchive.dayMs), asc(eventArchive.firstId))
      .limit(limits.files),
    db
      .select(getTableColumns(usageEvent))
      .from(usageEvent)
      .where(and(eq(usageEvent.tenant_id, tenantId), isInRange, or(eventsMatching(query), isOfArchivedDay())))
      .orderBy(asc(usageEvent.id))
      .limit(limits.events),
  ])
  return { files, events }
}
