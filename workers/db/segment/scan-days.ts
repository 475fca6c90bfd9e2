import type { GroupTable } from '../../core/segment/group-table.ts'
import type { ColumnPlace } from '../../core/segment/layout.ts'
import { type NeededRange, neededRanges } from '../../core/segment/needed-ranges.ts'
import { readColumn } from '../../core/segment/read-column.ts'
import { type GroupBy, type Scan, scanSegment } from '../../core/segment/scan-segment.ts'
import { HOUR_MS } from '../../core/window/hour.ts'
import { DAY_MS } from '../hours.ts'
import type { SumQuery } from '../rollup/sum-query.ts'
import type { SumName } from '../rollup/sums.ts'
import { columnsOf, type GroupColumn, type TimeGroup } from '../rollup/usage-group.ts'
import type { SegmentObject } from '../schema/segments.ts'
import { chooseObjects } from './choose-objects.ts'
import type { SegmentDay } from './find-segments.ts'
import { HOUR, tagColumn } from './segment-names.ts'

/** Reads a stretch of an object's bytes; `null` where it is gone. */
export type ReadObject = (key: string, range: { offset: number; length: number }) => Promise<ArrayBuffer | null>

/** How many requests of one question are under way at once: a Worker has six connections. */
const WIDTH = 6

const STARTS: Record<Exclude<TimeGroup, 'hour'>, (dayMs: number) => number> = {
  day: dayMs => dayMs,
  // The epoch was a Thursday.
  week: dayMs => dayMs - ((dayMs + 3 * DAY_MS) % (7 * DAY_MS)),
  month: dayMs => Date.UTC(new Date(dayMs).getUTCFullYear(), new Date(dayMs).getUTCMonth(), 1),
}

function groupByOf(column: GroupColumn, dayMs: number): GroupBy {
  if (column.kind === 'tag') return { text: tagColumn(column.key) }
  if (column.kind === 'dimension') return { text: column.name }
  if (column.name !== 'hour') return { value: STARTS[column.name](dayMs) }
  return { number: HOUR, shownAs: hour => dayMs + hour * HOUR_MS }
}

function filtersOf({ filter = {}, tags = {} }: SumQuery): Scan['filters'] {
  const names = Object.entries(filter).flatMap(([text, value]) => (value === undefined ? [] : [{ text, value }]))
  return [...names, ...Object.entries(tags).map(([key, value]) => ({ text: tagColumn(key), value }))]
}

/** What a question asks of a day's segments. */
function scanOf(query: SumQuery, [dayMs, sums]: [number, readonly SumName[]]): Scan {
  const groupBy = query.groupBy.flatMap(columnsOf).map(column => groupByOf(column, dayMs))
  return { groupBy, filters: filtersOf(query), sums }
}

function columnsNeeded({ groupBy, filters, sums }: Scan): Set<string> {
  const grouped = groupBy.flatMap(by => ('text' in by ? [by.text] : 'number' in by ? [by.number] : []))
  return new Set([...grouped, ...filters.map(one => one.text), ...sums])
}

type Reading = { object: SegmentObject; range: NeededRange }

async function readRange({ object, range }: Reading, read: ReadObject) {
  const bytes = await read(object.key, { offset: range.offset, length: range.length })
  if (!bytes) return undefined
  const piece = { at: range.offset, bytes }
  return range.places.map(place => readColumn(place, piece, object.layout.rows))
}

const NO_BYTES = new ArrayBuffer(0)

async function scanObject(
  object: SegmentObject,
  [scan, table]: [Scan, GroupTable],
  read: ReadObject,
): Promise<boolean> {
  const needed = columnsNeeded(scan)
  const places: ColumnPlace[] = object.layout.columns.filter(place => needed.has(place.name))
  const ranges = neededRanges(places)
  const pieces = await Promise.all(ranges.map(range => readRange({ object, range }, read)))
  if (pieces.includes(undefined)) return false
  const { rows } = object.layout
  const constant = places.filter(place => place.bytes === 0)
  const alike = constant.map(place => readColumn(place, { at: place.at, bytes: NO_BYTES }, rows))
  scanSegment({ rows, columns: [...pieces.flatMap(columns => columns ?? []), ...alike] }, scan, table)
  return true
}

/**
 * Adds what segments tell of a question to a table with its groups. A few objects at a time, of each the columns that are asked for: no
 * more is in memory. `false` where one is gone.
 */
export async function scanDays(
  days: readonly SegmentDay[],
  { query, sums, table }: { query: SumQuery; sums: readonly SumName[]; table: GroupTable },
  read: ReadObject,
): Promise<boolean> {
  const all = days.flatMap(({ dayMs, objects }) =>
    chooseObjects(objects, query).map(object => ({ object, scan: scanOf(query, [dayMs, sums]) })),
  )
  let isWhole = true
  const line = async () => {
    for (let one = all.pop(); one && isWhole; one = all.pop()) {
      isWhole = (await scanObject(one.object, [one.scan, table], read)) && isWhole
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, line))
  return isWhole
}
