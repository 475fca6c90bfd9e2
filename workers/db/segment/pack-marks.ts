import type { TenantDay } from '../archive-day.ts'
import type { EventsDb } from '../database.ts'
import { IS_HERE } from '../rollup/period.ts'
import type { SegmentObject } from '../schema/segments.ts'
import { FORMAT } from './segment-names.ts'

/** A day that somebody is writing the segment of, by their mark. */
export type Packing = TenantDay & { mark: number }

const OF_DAY = 'tenant_id = ?1 AND day_ms = ?2'
// What somebody began and did not finish, if they were killed, is of no use any more.
const DISCARD = `INSERT OR IGNORE INTO archive_garbage (tenant_id, object_key)
  SELECT tenant_id, value FROM day_segment, json_each(writing) WHERE ${OF_DAY}`
const TAKE = `UPDATE day_segment SET due = ?3, writing = '[]' WHERE ${OF_DAY} AND due <> 0 AND ${IS_HERE}`

// A mark that is no other's: 0 and 1 are for other things.
function newMark(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
  return random + 2
}

/** Begins to write a day's segment; `undefined` where it need not be, or events of it are in the archive alone. */
export async function takeDay(db: EventsDb, { tenantId, dayMs }: TenantDay): Promise<Packing | undefined> {
  const mark = newMark()
  const [, taken] = await db.$client.batch([
    db.$client.prepare(DISCARD).bind(tenantId, dayMs),
    db.$client.prepare(TAKE).bind(tenantId, dayMs, mark),
  ])
  return taken && taken.meta.changes > 0 ? { tenantId, dayMs, mark } : undefined
}

const NOTE = `UPDATE day_segment SET writing = json_insert(writing, '$[#]', ?4) WHERE ${OF_DAY} AND due = ?3`

/** Says that an object is about to be written, so that none is ever stored that no row tells of; `false` where somebody else has the day. */
export async function noteWriting(db: EventsDb, { tenantId, dayMs, mark }: Packing, key: string): Promise<boolean> {
  const noted = await db.$client.prepare(NOTE).bind(tenantId, dayMs, mark, key).run()
  return noted.meta.changes > 0
}

// Nobody took the day since, no hour of it was rolled up, and no event of it left D1: else what was read may be of two states.
const IS_MINE = `${OF_DAY} AND due = ?3 AND ${IS_HERE}`
const REPLACE = `INSERT OR IGNORE INTO archive_garbage (tenant_id, object_key)
  SELECT tenant_id, value ->> 'key' FROM day_segment, json_each(objects) WHERE ${IS_MINE}`
const MADE = `UPDATE day_segment SET due = 0, format = ${FORMAT}, objects = ?4, events = ?5, writing = '[]' WHERE ${IS_MINE}`

/** Says that a day's objects are written, and that those before them are not needed; `false` where its events have changed meanwhile. */
export async function markPacked(
  db: EventsDb,
  { tenantId, dayMs, mark }: Packing,
  { objects, events }: { objects: SegmentObject[]; events: number },
): Promise<boolean> {
  const [, made] = await db.$client.batch([
    db.$client.prepare(REPLACE).bind(tenantId, dayMs, mark),
    db.$client.prepare(MADE).bind(tenantId, dayMs, mark, JSON.stringify(objects), events),
  ])
  return made !== undefined && made.meta.changes > 0
}

/** Has objects taken away that nothing refers to. */
export async function discardObjects(db: EventsDb, { tenantId }: Packing, keys: string[]): Promise<void> {
  const text = 'INSERT OR IGNORE INTO archive_garbage (tenant_id, object_key) SELECT ?1, value FROM json_each(?2)'
  await db.$client.prepare(text).bind(tenantId, JSON.stringify(keys)).run()
}
