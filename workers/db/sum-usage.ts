import type { EventsDb } from './database.ts'
import { EventsArchived } from './rollup/events-archived.ts'
import type { SumQuery, UsageSum } from './rollup/sum-query.ts'
import { lostStatement, sumStatement } from './rollup/sum-statement.ts'
import { isMoney, type SumName } from './rollup/sums.ts'
import { columnsOf } from './rollup/usage-group.ts'

type Row = Record<string, string | number | null>

/** Groups, and how many there are of which a page is a part. */
export type SumPage<S extends SumName> = { sums: UsageSum<S>[]; total: number }

function readSum<S extends SumName>(row: Row, query: SumQuery<S>): UsageSum<S> {
  const columns = query.groupBy.flatMap(columnsOf)
  const group = Object.fromEntries(columns.map(({ name }, index) => [name, row[`g${index}`] ?? null]))
  const sums = query.sums.map(name => [name, isMoney(name) ? BigInt(row[name] ?? 0) : row[name]])
  // The statement has a column for each of the query's sums, of these types.
  return { group, ...Object.fromEntries(sums) } as UsageSum<S>
}

function readPage<S extends SumName>(rows: Row[], query: SumQuery<S>): SumPage<S> {
  // A page beyond the end has one row, with the number of groups and nothing else.
  const found = query.page ? rows.filter(row => row.events !== null) : rows
  return {
    sums: found.map(row => readSum(row, query)),
    total: query.page ? Number(rows[0]?.group_count ?? 0) : found.length,
  }
}

/**
 * The answers of several questions, of one state of the database. Throws `EventsArchived` where one of them can only be answered by
 * events that are not here.
 */
export async function sumAllUsage<S extends SumName>(db: EventsDb, queries: SumQuery<S>[]): Promise<SumPage<S>[]> {
  const texts = queries.flatMap(query => [lostStatement(query), sumStatement(query)])
  const results = await db.$client.batch<Row>(texts.map(({ text, params }) => db.$client.prepare(text).bind(...params)))
  return queries.map((query, index) => {
    const [lost, rows] = results.slice(2 * index).map(one => one.results)
    if (lost && lost.length > 0) throw new EventsArchived()
    return readPage(rows ?? [], query)
  })
}

/** Sums of a tenant's events by group, in the order of the groups: equal to the sum over the events at any instant. Throws as above. */
export async function sumUsage<S extends SumName>(db: EventsDb, query: SumQuery<S>): Promise<UsageSum<S>[]> {
  const [page] = await sumAllUsage(db, [query])
  return page?.sums ?? []
}
