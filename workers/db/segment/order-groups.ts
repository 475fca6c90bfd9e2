import type { GroupValue } from '../../core/segment/group-table.ts'

/** Compares texts as SQLite does: by their UTF-8 bytes, which is by code points. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  // Halves of a pair stand above all single units, and so do code points that they are of.
  const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)].map(unit =>
    unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit,
  )
  if (Number.isNaN(one)) return -1
  return Number.isNaN(other) ? 1 : (one ?? 0) - (other ?? 0)
}

/** Compares values of one column: instants, or texts. */
function compareValues(a: GroupValue, b: GroupValue): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b))
}

/** Compares groups by their columns, the first of them first. */
export function compareGroups(a: readonly GroupValue[], b: readonly GroupValue[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index] ?? '')
    if (order !== 0) return order
  }
  return 0
}
