import { type EventRow, RowGatherer } from '../../core/segment/gather-rows.ts'
import { packSegment } from '../../core/segment/pack-segment.ts'
import type { TenantDay } from '../../db/archive-day.ts'
import type { SegmentObject } from '../../db/schema/segments.ts'
import { noteWriting, type Packing } from '../../db/segment/pack-marks.ts'
import { readDay } from '../../db/segment/read-day.ts'
import { NUMBERS, placeOf, SUMMARIES, TEXTS } from '../../db/segment/segment-names.ts'
import type { ShardPorts } from '../ports.ts'

/** More different tags than this in a day, and it has no segment: they are ids, and a column each would be larger than the events. */
const MAX_TAGS = 64
/** Nor has a day with more events than this: one run of the cron has to read them all. */
const MAX_EVENTS = 1_000_000

/** What was written of a day; `isFit`: whether it can be told so. */
export type Written = { objects: SegmentObject[]; events: number; isFit: boolean }

// A name of its own: what takes an object away can never mean another one.
function keyOf({ tenantId, dayMs }: TenantDay, id: string): string {
  return `segments/${tenantId}/${new Date(dayMs).toISOString().slice(0, 10).replaceAll('-', '/')}.${id}`
}

type Part = { packing: Packing; ports: ShardPorts; names?: readonly string[] }

async function write(rows: RowGatherer, { packing, ports, names }: Part): Promise<SegmentObject[]> {
  const { columns, ...rest } = rows.columns()
  const inOrder = columns.toSorted((a, b) => placeOf(a.name) - placeOf(b.name))
  const { bytes, layout } = packSegment({ ...rest, columns: inOrder })
  const key = keyOf(packing, ports.exports.newId())
  if (!(await noteWriting(ports.events, packing, key))) return []
  await ports.exports.store.put(key, bytes)
  return [{ key, layout, ...(names && { names }) }]
}

/** Gathers rows, and writes them whenever there are as many as an object has. */
class Writer {
  readonly objects: SegmentObject[] = []
  readonly #part: Part
  readonly #newRows: () => RowGatherer
  #rows: RowGatherer

  constructor(part: Part, maxRows: number) {
    this.#part = part
    this.#newRows = () => new RowGatherer(part.names ?? TEXTS, NUMBERS, maxRows)
    this.#rows = this.#newRows()
  }

  get textColumns(): number {
    return this.#rows.textColumns
  }

  async add(row: EventRow): Promise<void> {
    this.#rows.add(this.#part.names ? ofWholeDay(row, this.#part.names) : row)
    if (this.#rows.isFull) await this.#write()
  }

  async end(): Promise<void> {
    if (!this.#rows.isEmpty) await this.#write()
  }

  async #write(): Promise<void> {
    this.objects.push(...(await write(this.#rows, this.#part)))
    this.#rows = this.#newRows()
  }
}

// The first number is the hour: rows that have it in common, as all have now, are put together.
function ofWholeDay({ texts, numbers: [, ...rest] }: EventRow, names: readonly string[]): EventRow {
  return { texts: new Map(names.map(name => [name, texts.get(name) ?? ''])), numbers: [0, ...rest] }
}

/** Writes a day in objects of so many rows; of one that cannot be told so, none that anybody needs. */
export async function writeDay(packing: Packing, ports: ShardPorts, maxRows: number): Promise<Written> {
  const all = new Writer({ packing, ports }, maxRows)
  const writers = [all, ...SUMMARIES.map(names => new Writer({ packing, ports, names }, maxRows))]
  const written = () => writers.flatMap(one => one.objects)
  let events = 0
  for await (const page of readDay(ports.events, packing)) {
    events += page.length
    for (const row of page) {
      // Asked for each event: a column is as large for one row as for many.
      const isFit = row.isExact && events <= MAX_EVENTS && all.textColumns <= TEXTS.length + MAX_TAGS
      if (!isFit) return { objects: written(), events, isFit }
      for (const one of writers) await one.add(row)
    }
  }
  for (const one of writers) await one.end()
  return { objects: written(), events, isFit: true }
}
