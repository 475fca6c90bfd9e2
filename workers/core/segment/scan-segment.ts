import type { ExactSums } from './exact-sums.ts'
import type { GroupTable, GroupValue } from './group-table.ts'
import { type Coded, type LocalGroups, localGroups, tableGroups } from './local-groups.ts'
import type { Column, NumberColumn, SegmentColumns, Stored, TextColumn } from './segment-columns.ts'

/** What a column of a group is of a segment's rows: one value for all, a text of them, or a number and how it is shown. */
export type GroupBy =
  | { value: GroupValue }
  | { text: string }
  | { number: string; shownAs: (value: number) => GroupValue }

/** What is asked of segments: which rows, by texts that each must have; by what they are told apart; and what is added up. */
export type Scan = {
  groupBy: readonly GroupBy[]
  filters: readonly { text: string; value: string }[]
  sums: readonly string[]
}

const NO_TEXT: TextColumn = { kind: 'text', name: '', list: [''], codes: undefined }

function textOf(columns: ReadonlyMap<string, Column>, name: string): TextColumn {
  const column = columns.get(name)
  return column?.kind === 'text' ? column : NO_TEXT
}

function numberOf(columns: ReadonlyMap<string, Column>, name: string): NumberColumn {
  const column = columns.get(name)
  if (column?.kind !== 'number') throw new Error(`a segment has no numbers ${name}`)
  return column
}

// Loops over typed arrays here and below, since `from` and `filter` with a function take ten times as long.
function pick(stored: Stored, rows: Uint32Array | undefined): Stored {
  if (!(rows && stored)) return stored
  const picked = new (stored.constructor as Uint32ArrayConstructor)(rows.length)
  for (let at = 0; at < rows.length; at++) picked[at] = stored[rows[at] ?? 0] ?? 0
  return picked
}

/** Those rows, of these or of all, that have a code. */
function rowsWith(code: number, codes: Uint8Array | Uint16Array, before: Uint32Array | undefined): Uint32Array {
  const found = new Uint32Array(before?.length ?? codes.length)
  let count = 0
  for (let at = 0; at < found.length; at++) {
    const row = before === undefined ? at : (before[at] ?? 0)
    if (codes[row] === code) {
      found[count] = row
      count += 1
    }
  }
  return found.subarray(0, count)
}

/** The rows that have all texts; `undefined`: all rows. */
function chosenRows(columns: ReadonlyMap<string, Column>, { filters }: Scan): Uint32Array | undefined {
  let chosen: Uint32Array | undefined
  for (const { text, value } of filters) {
    const { list, codes } = textOf(columns, text)
    const wanted = list.indexOf(value)
    if (codes === undefined && wanted === 0) continue
    if (codes === undefined || wanted < 0) return new Uint32Array(0)
    chosen = rowsWith(wanted, codes, chosen)
  }
  return chosen
}

function largest(stored: Exclude<Stored, undefined>): number {
  let most = 0
  for (const value of stored) most = Math.max(most, value)
  return most
}

function codedOf(columns: ReadonlyMap<string, Column>, by: GroupBy): Coded {
  if ('value' in by) return { size: 1, valueAt: () => by.value, codes: undefined }
  if ('text' in by) {
    const { list, codes } = textOf(columns, by.text)
    return { size: list.length, valueAt: code => list[code] ?? '', codes }
  }
  const { base, stored } = numberOf(columns, by.number)
  return { size: stored ? largest(stored) + 1 : 1, valueAt: code => by.shownAs(base + code), codes: stored }
}

function most({ base, stored }: NumberColumn): number {
  const width = stored?.BYTES_PER_ELEMENT ?? 0
  return Math.abs(base) + (width === 8 ? Number.POSITIVE_INFINITY : 2 ** (8 * width) - 1)
}

function sumsOf({ base, stored }: NumberColumn, { groupOf, rows }: LocalGroups): Float64Array {
  const sums = new Float64Array(rows.length)
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row] ?? 0
    sums[group] = (sums[group] ?? 0) + base + (stored === undefined ? 0 : (stored[row] ?? 0))
  }
  return sums
}

function extremesOf({ base, stored }: NumberColumn, { groupOf, rows }: LocalGroups, isLeast: boolean): Float64Array {
  const found = new Float64Array(rows.length).fill(isLeast ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row] ?? 0
    const before = found[group] ?? 0
    const value = base + (stored === undefined ? 0 : (stored[row] ?? 0))
    if (isLeast ? value < before : value > before) found[group] = value
  }
  return found
}

// What a double might not tell apart as it is added up is given to the table row by row.
function addEach(
  { base, stored }: NumberColumn,
  { groupOf }: LocalGroups,
  add: (group: number, value: number) => void,
) {
  for (let row = 0; row < groupOf.length; row++) add(groupOf[row] ?? 0, base + (stored?.[row] ?? 0))
}

function addColumn(column: NumberColumn, local: LocalGroups, [sums, groups]: [ExactSums, Int32Array]): void {
  if (sums.put !== 'sum') sums.addAll(groups, extremesOf(column, local, sums.put === 'min'))
  else if (most(column) * local.groupOf.length <= Number.MAX_SAFE_INTEGER) sums.addAll(groups, sumsOf(column, local))
  else addEach(column, local, (group, value) => sums.add(groups[group] ?? 0, value))
}

/** Adds what a segment's rows come to, to a table whose columns are those of `groupBy`. Of what is not asked for no column is needed. */
export function scanSegment({ rows, columns }: SegmentColumns, scan: Scan, table: GroupTable): void {
  const byName = new Map(columns.map(column => [column.name, column]))
  const chosen = chosenRows(byName, scan)
  const count = chosen?.length ?? rows
  if (count === 0) return
  const coded = scan.groupBy.map(by => codedOf(byName, by)).map(one => ({ ...one, codes: pick(one.codes, chosen) }))
  const local = localGroups(coded, count)
  const groups = tableGroups(coded, local.rows, table)
  for (const name of scan.sums) {
    const column = numberOf(byName, name)
    const sums = table.sums.get(name)
    if (sums) addColumn({ ...column, stored: pick(column.stored, chosen) }, local, [sums, groups])
  }
}
