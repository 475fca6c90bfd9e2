import { and, eq, isNull, sql } from 'drizzle-orm'
import { isClean } from './archive-day.ts'
import type { EventsDb } from './database.ts'
import { inOneBatch } from './in-one-batch.ts'
import { isAtRest } from './move/moving-tenant.ts'
import type { ArchiveFile } from './read-event-page.ts'
import { archiveGarbage, eventArchive } from './schema/exports.ts'

const isFile = ({ tenantId, dayMs, objectKey }: ArchiveFile) =>
  and(eq(eventArchive.tenantId, tenantId), eq(eventArchive.dayMs, dayMs), eq(eventArchive.objectKey, objectKey))

// What somebody began of the day and did not finish, if they were killed, is of no use any more.
const DISCARD_BEGUN = (tenantId: string, dayMs: number) => [
  sql`INSERT OR IGNORE INTO ${archiveGarbage} (tenant_id, object_key) SELECT tenant_id, object_key FROM ${eventArchive}
    WHERE tenant_id = ${tenantId} AND day_ms = ${dayMs} AND state = 'writing'`,
  sql`DELETE FROM ${eventArchive} WHERE tenant_id = ${tenantId} AND day_ms = ${dayMs} AND state = 'writing'`,
]

/** Says that a file is about to be written, so that none is ever stored that no row tells of. */
export async function beginArchiveFile(db: EventsDb, file: ArchiveFile): Promise<void> {
  await inOneBatch(db, [...DISCARD_BEGUN(file.tenantId, file.dayMs), db.insert(eventArchive).values(file)])
}

// Its events are in D1 as they are in the file, to the last one and its revision, nothing of the day waits, and its sums tell enough of it: in one statement.
const CONFIRM = `
  UPDATE event_archive SET state = 'archived', etag = ?4
  WHERE tenant_id = ?1 AND day_ms = ?2 AND object_key = ?3 AND state = 'writing' AND ${isClean('?1', '?2')}
  AND EXISTS (SELECT 1 FROM rolled_day AS r WHERE r.tenant_id = ?1 AND r.day_ms = ?2 AND r.due = 0 AND r.is_sealed = 1)
  AND NOT EXISTS (SELECT 1 FROM event_archive WHERE tenant_id = ?1 AND day_ms = ?2 AND state = 'restoring')
  AND (SELECT count(*) = event_archive.row_count AND sum(e.revision) = ?5 FROM usage_event AS e
    WHERE e.tenant_id = ?1 AND e.id >= event_archive.first_id AND e.id <= event_archive.last_id)`

/** Says that a file is whole; `false` where its events have changed since they were read, and it is not. */
export async function confirmArchiveFile(
  db: EventsDb,
  { tenantId, dayMs, objectKey }: ArchiveFile,
  { etag, revisions }: { etag: string; revisions: number },
): Promise<boolean> {
  const statement = db.$client.prepare(CONFIRM).bind(tenantId, dayMs, objectKey, etag, revisions)
  return (await statement.run()).meta.changes > 0
}

const IS_AT_REST = sql.raw(isAtRest('event_archive.tenant_id'))

/** Files whose events are still in D1. */
export function findFilesToEmpty(db: EventsDb, limit: number): Promise<ArchiveFile[]> {
  return db
    .select()
    .from(eventArchive)
    .where(and(eq(eventArchive.state, 'archived'), isNull(eventArchive.emptiedMs), IS_AT_REST))
    .limit(limit)
}

// By revision: a later one of the same event is not in the file. The file is asked for in the same statement: it may be on its way back.
const DELETE_EVENTS = `
  DELETE FROM usage_event WHERE tenant_id = ?1 AND id IN (SELECT value ->> 0 FROM json_each(?2))
  AND (id, revision) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
  AND EXISTS (SELECT 1 FROM event_archive WHERE tenant_id = ?1 AND day_ms = ?3 AND object_key = ?4 AND state = 'archived')`

/** Deletes events that are in a file of the archive. */
export async function deleteArchivedEvents(
  db: EventsDb,
  { tenantId, dayMs, objectKey }: ArchiveFile,
  events: { id: string; revision: number }[],
): Promise<void> {
  const named = JSON.stringify(events.map(({ id, revision }) => [id, revision]))
  await db.$client.prepare(DELETE_EVENTS).bind(tenantId, named, dayMs, objectKey).run()
}

/** Says that no event of a file is in D1 any more. */
export async function markEmptied(db: EventsDb, file: ArchiveFile, nowMs: number): Promise<void> {
  await db
    .update(eventArchive)
    .set({ emptiedMs: nowMs })
    .where(and(isFile(file), eq(eventArchive.state, 'archived')))
}
