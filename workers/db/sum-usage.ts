import type { Database } from './database.ts'
import { chooseSource } from './rollup/choose-source.ts'
import type { SumQuery, UsageSum } from './rollup/sum-query.ts'
import { sumStatement } from './rollup/sum-statement.ts'
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

/** Whether rollups can answer a question; all others read every event of its range. */
export function isAnsweredByRollups(query: SumQuery): boolean {
  return chooseSource(query) !== undefined
}

/** The answers of several questions, of one state of the database. */
export async function sumAllUsage<S extends SumName>(db: Database, queries: SumQuery<S>[]): Promise<SumPage<S>[]> {
  const statements = queries.map(query => {
    const { text, params } = sumStatement(query)
    return db.$client.prepare(text).bind(...params)
  })
  const results = await db.$client.batch<Row>(statements)
  return queries.map((query, index) => readPage(results[index]?.results ?? [], query))
}

/** Sums of a tenant's events by group, in the order of the groups: equal to the sum over the events at any instant. */
export async function sumUsage<S extends SumName>(db: Database, query: SumQuery<S>): Promise<UsageSum<S>[]> {
  const { text, params } = sumStatement(query)
  const { results } = await db.$client
    .prepare(text)
    .bind(...params)
    .all<Row>()
  return readPage(results, query).sums
}
