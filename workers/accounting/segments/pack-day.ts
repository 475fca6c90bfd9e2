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
/** Nor has a day with more events than this: one run of the cron has to read them all. */
const MAX_EVENTS = 1_000_000

/** What became of a day, and how many of its events were read for it. */
export type PackedDay = { isPacked: boolean; events: number }

type Written = { objects: SegmentObject[]; events: number; isFit: boolean }

// A name of its own: what takes an object away can never mean another one.
function keyOf({ tenantId, dayMs }: TenantDay, id: string): string {
  return `segments/${tenantId}/${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '/')}.${id}`
}

async function write(rows: RowGatherer, packing: Packing, ports: ShardPorts): Promise<SegmentObject[]> {
  const { columns, ...rest } = rows.columns()
  const inOrder = columns.toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
  const { bytes, layout } = packSegment({ ...rest, columns: inOrder })
  const key = keyOf(packing, ports.exports.newId())
  if (!(await noteWriting(ports.events, packing, key))) return []
  await ports.exports.store.put(key, bytes)
  return [{ key, layout }]
}

/** Writes a day in objects of so many rows; of one that cannot be told so, none that anybody needs. */
async function writeDay(packing: Packing, ports: ShardPorts, maxRows: number): Promise<Written> {
  const newRows = () => new RowGatherer(TEXTS, NUMBERS, maxRows)
  const written: Written = { objects: [], events: 0, isFit: true }
  let rows = newRows()
  for await (const page of readDay(ports.events, packing)) {
    written.events += page.length
    for (const row of page) {
      // Asked for each event: a column is as large for one row as for many.
      written.isFit &&= row.isExact && written.events <= MAX_EVENTS && rows.textColumns <= TEXTS.length + MAX_TAGS
      if (!written.isFit) return written
      rows.add(row)
      if (!rows.isFull) continue
      written.objects.push(...(await write(rows, packing, ports)))
      rows = newRows()
    }
  }
  if (!rows.isEmpty) written.objects.push(...(await write(rows, packing, ports)))
  return written
}

/**
 * Writes a day's events to R2 in columns, if they wait for it, and says that they are there. Killed anywhere, it leaves objects that the
 * next who takes the day has swept. Where its events changed meanwhile, it waits still.
 */
export async function packDay(day: TenantDay, ports: ShardPorts, maxRows = MAX_ROWS): Promise<PackedDay> {
  const packing = await takeDay(ports.events, day)
  if (!packing) return { isPacked: true, events: 0 }
  const { objects, events, isFit } = await writeDay(packing, ports, maxRows)
  const isPacked = await markPacked(ports.events, packing, { objects: isFit ? objects : [], events })
  const keys = objects.map(one => one.key)
  if (!(isPacked && isFit)) await discardObjects(ports.events, packing, keys)
  return { isPacked, events }
}

/** The same, where what goes wrong is logged, and stops nothing else. */
export async function tryPackDay(day: TenantDay, ports: ShardPorts): Promise<PackedDay> {
  try {
    return await packDay(day, ports)
  } catch (error) {
    ports.log({ event: 'pack_day_failed', tenant_id: day.tenantId, day_ms: day.dayMs, error: String(error) })
    return { isPacked: false, events: 0 }
  }
}
