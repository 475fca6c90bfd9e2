import type { GroupTable } from '../../core/segment/group-table.ts'
import type { GroupPage, SumQuery, UsageSum } from '../rollup/sum-query.ts'
import { isMoney, type SumName } from '../rollup/sums.ts'
import { columnsOf } from '../rollup/usage-group.ts'
import { compareGroups } from './order-groups.ts'

type Row = Record<string, string | number | null>

/** Adds the rows of a statement, with `g0`, `g1` ... and the sums, to a table with the same groups. */
export function addRows(rows: readonly Row[], query: SumQuery, table: GroupTable): void {
  const columns = query.groupBy.flatMap(columnsOf)
  for (const row of rows) {
    const group = table.groupOf(columns.map((_, index) => row[`g${index}`] ?? ''))
    for (const [name, sums] of table.sums) {
      const value = row[name]
      if (typeof value === 'string') sums.addExact(group, BigInt(value))
      else if (typeof value === 'number') sums.add(group, value)
    }
  }
}

// Values are read as they are needed: there may be many groups, of which a few are shown.
function orderBy({ by, isDescending }: GroupPage, table: GroupTable): (a: number, b: number) => number {
  const sign = isDescending ? -1 : 1
  const sums = by === null ? undefined : table.sums.get(by)
  const byValues = (a: number, b: number) => compareGroups(table.valuesOf(a), table.valuesOf(b))
  if (!sums) return (a, b) => sign * byValues(a, b)
  return (a, b) => sign * sums.compare(a, b) || byValues(a, b)
}

function groupsIn(query: SumQuery, table: GroupTable): number[] {
  const events = table.sums.get('events')
  const columns = query.groupBy.flatMap(columnsOf)
  const isNamed = (group: number) =>
    table.valuesOf(group).every((value, index) => columns[index]?.kind === 'time' || value !== '')
  const all = Array.from({ length: table.size }, (_, group) => group)
  return all.filter(group => (events?.number(group) ?? 0) > 0 && (!query.isNamed || isNamed(group)))
}

function renderGroup<S extends SumName>(group: number, query: SumQuery<S>, table: GroupTable): UsageSum<S> {
  const values = table.valuesOf(group)
  const columns = query.groupBy.flatMap(columnsOf)
  const names = columns.map(({ name }, index) => [name, values[index] === '' ? null : values[index]])
  const sums = query.sums.map(name => {
    const sum = table.sums.get(name)
    return [name, isMoney(name) ? sum?.exact(group) : sum?.number(group)]
  })
  // The table has each of the query's sums, of these types.
  return { group: Object.fromEntries(names), ...Object.fromEntries(sums) } as UsageSum<S>
}

/** What a question is answered by the groups of a table: which of them, in which order. */
export function readTable<S extends SumName>(
  query: SumQuery<S>,
  table: GroupTable,
): { sums: UsageSum<S>[]; total: number } {
  const all = groupsIn(query, table)
  const page = query.page ?? { by: null, isDescending: false, offset: 0, limit: all.length }
  const sorted = all.sort(orderBy(page, table))
  const shown = sorted.slice(page.offset, page.offset + page.limit)
  return { sums: shown.map(one => renderGroup(one, query, table)), total: all.length }
}
