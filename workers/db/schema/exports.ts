import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { ExportDataset, ExportFormat, ExportStatus, FocusVersion } from '../../core/export/export-kind.ts'
import type { EventFilter } from '../event-query.ts'

/** Which events an export is of: those of calls begun in `[startMs, endMs)` with these fields and tags. */
export type ExportQuery = { startMs: number; endMs: number; filter: EventFilter; tags?: Record<string, string> }

/** A file that a tenant asked for, and how far it is. */
export const exportJob = sqliteTable(
  'export_job',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    dataset: text().$type<ExportDataset>().notNull(),
    format: text().$type<ExportFormat>().notNull(),
    focusVersion: text('focus_version').$type<FocusVersion>(),
    query: text({ mode: 'json' }).$type<ExportQuery>().notNull(),
    status: text().$type<ExportStatus>().notNull(),
    /** `gather`: events are being summed up; `write`: rows are being written; `finish`: all that is left is to close the file. */
    phase: text().$type<'gather' | 'write' | 'finish'>().notNull(),
    /** What has been read: the last of it. */
    cursor: text().notNull(),
    /** What did not fit into the last part, base64url. */
    carry: text().notNull(),
    objectKey: text('object_key').notNull(),
    uploadId: text('upload_id'),
    parts: integer().notNull(),
    rowCount: integer('row_count').notNull(),
    /** How many events were read, and what they cost. */
    events: integer().notNull(),
    bytes: integer().notNull(),
    costNano: integer('cost_nano').notNull(),
    /** How often it was begun since it last came further. */
    attempts: integer().notNull(),
    restarts: integer().notNull(),
    error: text(),
    leaseOwner: text('lease_owner').notNull(),
    leaseUntilMs: integer('lease_until_ms').notNull(),
    /** Who asked: `KIND:ID`. */
    createdBy: text('created_by').notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    completedMs: integer('completed_ms'),
    expiresMs: integer('expires_ms'),
    deletedMs: integer('deleted_ms'),
    /** When its object went. */
    removedMs: integer('removed_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** The parts of a file that is being written. */
export const exportPart = sqliteTable(
  'export_part',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    exportId: text('export_id').notNull(),
    number: integer().notNull(),
    etag: text().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.exportId, table.number] })],
)

/** What an export sums up before it is written; `groupKey` is made by `groupKey` of core/focus/charge.ts. */
export const exportGroup = sqliteTable(
  'export_group',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    exportId: text('export_id').notNull(),
    dayMs: integer('day_ms').notNull(),
    groupKey: text('group_key').notNull(),
    quantity: integer().notNull(),
    amountPico: integer('amount_pico').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.exportId, table.dayMs, table.groupKey] })],
)

/** A file of old events in R2, a part of a tenant's day, and what is in it. */
export const eventArchive = sqliteTable(
  'event_archive',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    dayMs: integer('day_ms').notNull(),
    firstId: text('first_id').notNull(),
    lastId: text('last_id').notNull(),
    objectKey: text('object_key').notNull(),
    /** `writing`: nothing depends on it yet; `restoring`: its events are being brought back into D1. */
    state: text().$type<'writing' | 'archived' | 'restoring'>().notNull(),
    rowCount: integer('row_count').notNull(),
    costNano: integer('cost_nano').notNull(),
    /** Of what is in it before it is compressed, in hexadecimal. */
    sha256: text().notNull(),
    /** As it is stored. */
    bytes: integer().notNull(),
    etag: text(),
    archivedMs: integer('archived_ms').notNull(),
    /** When the last of its events had left D1. */
    emptiedMs: integer('emptied_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.dayMs, table.firstId] })],
)

/** Objects in R2 that nothing refers to any more. */
export const archiveGarbage = sqliteTable(
  'archive_garbage',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    objectKey: text('object_key').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.objectKey] })],
)
