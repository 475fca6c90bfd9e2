import type { RecordedEvent } from '../../core/usage.ts'
import type { EventsDb } from '../../db/database.ts'
import { insertEvents } from '../../db/insert-events.ts'
import { deleteRows, isFullPage, keyOf, missingRows, putRows, type Rows, readRows } from '../../db/move/copy-rows.ts'
import { type MovedTable, movedTables } from '../../db/move/moved-tables.ts'
import { markAtRest, markMoving } from '../../db/move/moving-tenant.ts'
import { advanceMove, endMove, switchPlace, type TenantMove } from '../../db/move/tenant-move.ts'
import { findEventsById } from '../../db/report-events.ts'
import { PLACE_HOLDS_MS } from '../../db/shards.ts'
import type { AccountingPorts } from '../ports.ts'

/** How long what was begun before a move can go on: the cron has a quarter of an hour at most. */
export const PAUSE_MS = 16 * 60_000
/** How long somebody may go on writing to the old place: until it is forgotten, and a run of deliveries is over. */
export const SETTLE_MS = PLACE_HOLDS_MS + 150_000

/** A move, and both its places. */
type Moving = { move: TenantMove; from: EventsDb; to: EventsDb; ports: AccountingPorts }
/** The move after a step; `undefined`: there is nothing more to do for now. */
type Stepped = Promise<TenantMove | undefined>

async function mark({ move, from, to, ports }: Moving): Stepped {
  for (const db of [from, to]) await markMoving(db, move.tenantId)
  return advanceMove(ports.db, move, { state: 'pausing', sinceMs: ports.nowMs() })
}

async function pause({ move, ports }: Moving): Stepped {
  if (ports.nowMs() < move.sinceMs + PAUSE_MS) return undefined
  return advanceMove(ports.db, move, { state: 'copying', sinceMs: ports.nowMs(), tableNo: 0, after: '' })
}

async function copy({ move, from, to, ports }: Moving): Stepped {
  const table = movedTables()[move.tableNo]
  if (!table) return switchPlace(ports.db, move, ports.nowMs())
  const rows = table.isLate ? [] : await readRows(from, table, move)
  if (rows.length > 0) await putRows(to, table, rows)
  const last = rows.at(-1)
  const next = last && isFullPage(rows) ? { after: keyOf(table, last) } : { tableNo: move.tableNo + 1, after: '' }
  return advanceMove(ports.db, move, { ...next, copied: move.copied + rows.length })
}

async function settle({ move, ports }: Moving): Stepped {
  if (ports.nowMs() < move.sinceMs + SETTLE_MS) return undefined
  return advanceMove(ports.db, move, { state: 'emptying', sinceMs: ports.nowMs() })
}

// What came after it was copied is booked as what comes late: its hours are summed, and compared, anew.
async function bookMissing(table: MovedTable, rows: Rows, { move, from, to }: Moving): Promise<void> {
  const { tenantId } = move
  const ids = rows.map(row => String(JSON.parse(keyOf(table, row))[0]))
  const events: RecordedEvent[] = await findEventsById(from, { tenantId, ids })
  await insertEvents(to, { tenantId, events })
}

async function bring(table: MovedTable, rows: Rows, moving: Moving): Promise<void> {
  const { move, to } = moving
  const { tenantId } = move
  const missing = await missingRows(to, table, { tenantId, rows })
  if (missing.length === 0) return
  await (table.name === 'usage_event' ? bookMissing(table, missing, moving) : putRows(to, table, missing))
  const left = await missingRows(to, table, { tenantId, rows: missing })
  if (left.length > 0) throw new Error(`${left.length} rows of ${table.name} are not where they were moved to`)
}

async function empty(moving: Moving): Stepped {
  const { move, from, to, ports } = moving
  const table = movedTables()[move.tableNo]
  if (!table) {
    for (const db of [from, to]) await markAtRest(db, move.tenantId)
    await endMove(ports.db, move)
    return undefined
  }
  const rows = await readRows(from, table, { tenantId: move.tenantId, after: '' })
  if (rows.length > 0) await bring(table, rows, moving)
  if (rows.length > 0) await deleteRows(from, table, { tenantId: move.tenantId, rows })
  const tableNo = rows.length > 0 ? move.tableNo : move.tableNo + 1
  return advanceMove(ports.db, move, { tableNo, moved: move.moved + rows.length })
}

const STEPS = { marking: mark, pausing: pause, copying: copy, settling: settle, emptying: empty } as const

/** Goes one step on with a move. Each can be done again, by whoever comes after a kill. */
export function moveStep(moving: Moving): Stepped {
  return STEPS[moving.move.state](moving)
}
