import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import { archiveGarbage, eventArchive } from '../schema/exports.ts'
import { limitAlert } from '../schema/limits.ts'
import { meterHour, reconcileDifference, reconcileRun } from '../schema/reconcile.ts'
import { daySegment } from '../schema/segments.ts'
import { dirtyHour, rolledDay, rolledHour, rollupDay, rollupHour, ruleSkipHour, usageEvent } from '../schema/usage.ts'
import { webhookDelivery } from '../schema/webhooks.ts'

/** A table of which a tenant's rows are moved: its columns, and those of its key beside the tenant. */
export type MovedTable = {
  name: string
  columns: string[]
  key: string[]
  /** What is copied over what is there: a later revision, and nothing else. */
  hasRevisions: boolean
  /** Not copied before the tenant's place is the new one: it is worked on at one place at a time. */
  isLate: boolean
}

const WITH_REVISIONS: SQLiteTable[] = [usageEvent, meterHour]

function movedTable(table: SQLiteTable): MovedTable {
  const { name, columns, primaryKeys } = getTableConfig(table)
  const key = primaryKeys.flatMap(one => one.columns.map(column => column.name)).filter(one => one !== 'tenant_id')
  const how = { hasRevisions: WITH_REVISIONS.includes(table), isLate: table === webhookDelivery }
  return { name, columns: columns.map(column => column.name), key, ...how }
}

const MOVED: readonly SQLiteTable[] = [
  ...[usageEvent, meterHour, limitAlert, eventArchive, archiveGarbage, rollupHour, rollupDay, rolledHour, rolledDay],
  ...[daySegment, ruleSkipHour, reconcileRun, reconcileDifference, dirtyHour, webhookDelivery],
]

/**
 * All that goes with a tenant's events, in the order in which it goes. Marks of dirty hours are the last of what is copied: an hour
 * without one has sums that are true of what was copied before it. Made when it is asked for: every isolate would make it at its start.
 */
export function movedTables(): MovedTable[] {
  return MOVED.map(movedTable)
}
