import type { GroupTable, GroupValue } from './group-table.ts'
import { PairTable } from './pair-table.ts'
import type { Stored } from './segment-columns.ts'

/** The values of a segment's rows by their places in a list of values; without `codes` all are the first one. */
export type Coded = { size: number; valueAt: (code: number) => GroupValue; codes: Stored }

/** The rows of a segment numbered by their group. Of each group, by its number: a row that is of it. */
export type LocalGroups = { groupOf: Uint32Array; rows: Int32Array }

type Numbered = { groups: Uint32Array; size: number }

/** More groups than this, or than there are rows for, are numbered anew: there has to be room for the next column. */
const MAX_LOCAL = 65_536

function renumbered({ groups }: Numbered): Numbered {
  const known = new PairTable()
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row] ?? 0
    groups[row] = known.numberOf(group >>> 16, group & 0xffff)
  }
  return { groups, size: known.size }
}

function combine(groups: Uint32Array, size: number, codes: Exclude<Stored, undefined>): void {
  for (let row = 0; row < groups.length; row++) groups[row] = (groups[row] ?? 0) * size + (codes[row] ?? 0)
}

// Below 2^32: both are at most 2^16.
function numbered(all: readonly Coded[], rows: number): Numbered {
  let local: Numbered = { groups: new Uint32Array(rows), size: 1 }
  for (const { size, codes } of all) {
    if (codes === undefined) continue
    combine(local.groups, size, codes)
    local = { groups: local.groups, size: local.size * size }
    if (local.size > Math.min(MAX_LOCAL, 4 * rows)) local = renumbered(local)
  }
  return local
}

/** Numbers rows by what they have in common, from 0 up without a gap. */
export function localGroups(all: readonly Coded[], rows: number): LocalGroups {
  const { groups, size } = numbered(all, rows)
  const known = new Int32Array(size).fill(-1)
  const first = new Int32Array(Math.min(size, rows))
  let count = 0
  for (let row = 0; row < rows; row++) {
    const group = groups[row] ?? 0
    if ((known[group] ?? -1) < 0) {
      first[count] = row
      known[group] = count
      count += 1
    }
    groups[row] = known[group] ?? 0
  }
  return { groupOf: groups, rows: first.subarray(0, count) }
}

// Each value is looked up once, whatever number of rows has it.
function codesInTable({ size, codes, valueAt }: Coded, rows: Int32Array, codeOf: (value: GroupValue) => number) {
  const known = new Int32Array(size).fill(-1)
  const found = new Int32Array(rows.length)
  for (let at = 0; at < rows.length; at++) {
    const code = codes?.[rows[at] ?? 0] ?? 0
    if ((known[code] ?? -1) < 0) known[code] = codeOf(valueAt(code))
    found[at] = known[code] ?? 0
  }
  return found
}

/** The number in a table of each of the groups that these rows are of. */
export function tableGroups(all: readonly Coded[], rows: Int32Array, table: GroupTable): Int32Array {
  const groups = new Int32Array(rows.length)
  for (const [column, one] of all.entries()) {
    const codes = codesInTable(one, rows, value => table.codeOf(column, value))
    table.tellApart(column, groups, codes)
  }
  return groups
}
