import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { SegmentLayout } from '../../core/segment/layout.ts'

/**
 * An object in R2 that has a part of a day's events in columns. `names`: it is of a summary, whose rows are of the whole day and are told
 * apart by these texts alone.
 */
export type SegmentObject = { key: string; layout: SegmentLayout; names?: readonly string[] }

/** Days whose events are in R2 a second time, in columns. True only of days that are not due and have no dirty hour. */
export const daySegment = sqliteTable(
  'day_segment',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    day_ms: integer().notNull(),
    /** 0 where `objects` are true of the day, 1 where it waits, else the mark of who writes it. */
    due: integer().notNull(),
    /** How they are written: those of another format are not read. */
    format: integer().notNull(),
    /** How many events they are of. */
    events: integer().notNull(),
    objects: text({ mode: 'json' }).$type<SegmentObject[]>().notNull(),
    /** Keys of objects that somebody has begun to write. */
    writing: text({ mode: 'json' }).$type<string[]>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.day_ms] })],
)
