import { RowGatherer } from '../../core/segment/gather-rows.ts'
import { MAX_ROWS } from '../../core/segment/layout.ts'
import { packSegment } from '../../core/segment/pack-segment.ts'
import type { TenantDay } from '../../db/archive-day.ts'
import type { SegmentObject } from '../../db/schema/segments.ts'
import { discardObjects, markPacked, noteWriting, type Packing, takeDay } from '../../db/segment/pack-marks.ts'
import { readDay } from '../../db/segment/read-day.ts'
import { NUMBERS, placeOf, TEXTS } from '../../db/segment/segment-names.ts'
import type { ShardPorts } from '../ports.ts'

/** More different tags than this in a day, and it has no segment: they are ids, and a column each would be larger than the events. */
const MAX_TAGS = 64

// A name of its own: what takes an object away can never mean another one.
function keyOf({ tenantId, dayMs }: TenantDay, id: string): string {
  return `segments/${tenantId}/${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '/')}.${id}`
}

const hasTooMany = (rows: RowGatherer) => rows.textColumns > TEXTS.length + MAX_TAGS

/** A day in parts, each of as many rows as a segment has at most. `undefined` is the last: it cannot be told so. */
async function* partsOf(
  packing: Packing,
  { events }: ShardPorts,
  maxRows: number,
): AsyncGenerator<RowGatherer | undefined> {
  const newRows = () => new RowGatherer(TEXTS, NUMBERS, maxRows)
  let rows = newRows()
  for await (const page of readDay(events, packing)) {
    for (const row of page) {
      rows.add(row)
      // Asked after each event: a column is as large for one row as for many.
      if (hasTooMany(rows)) return yield undefined
      if (!rows.isFull) continue
      yield rows
      rows = newRows()
    }
  }
  if (!rows.isEmpty) yield rows
}

async function write(rows: RowGatherer, packing: Packing, ports: ShardPorts): Promise<SegmentObject | undefined> {
  const { columns, ...rest } = rows.columns()
  const inOrder = columns.toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
  const { bytes, layout } = packSegment({ ...rest, columns: inOrder })
  const key = keyOf(packing, ports.exports.newId())
  if (!(await noteWriting(ports.events, packing, key))) return undefined
  await ports.exports.store.put(key, bytes)
  return { key, layout }
}

/**
 * Writes a day's events to R2 in columns, if they wait for it, and says that they are there. Killed anywhere, it leaves objects that the next who
 * takes the day has swept. `false`: its events changed meanwhile, and it waits still.
 */
export async function packDay(day: TenantDay, ports: ShardPorts, maxRows = MAX_ROWS): Promise<boolean> {
  const packing = await takeDay(ports.events, day)
  if (!packing) return true
  const objects: SegmentObject[] = []
  let [isFit, events] = [true, 0]
  for await (const rows of partsOf(packing, ports, maxRows)) {
    if (!rows) isFit = false
    events += rows?.events ?? 0
    const object = rows && (await write(rows, packing, ports))
    if (object) objects.push(object)
  }
  const keys = objects.map(one => one.key)
  const isPacked = await markPacked(ports.events, packing, { objects: isFit ? objects : [], events })
  if (!(isPacked && isFit)) await discardObjects(ports.events, packing, keys)
  return isPacked
}
