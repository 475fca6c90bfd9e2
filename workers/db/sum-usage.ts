import { GroupTable } from '../core/segment/group-table.ts'
import type { EventsDb } from './database.ts'
import { EventsArchived } from './rollup/events-archived.ts'
import type { SumQuery, UsageSum } from './rollup/sum-query.ts'
import { lostStatement, sumStatement } from './rollup/sum-statement.ts'
import { isMoney, type SumName } from './rollup/sums.ts'
import { columnsOf } from './rollup/usage-group.ts'
import { countTrueSegments, findSegments, type SegmentDay } from './segment/find-segments.ts'
import { addRows, readTable } from './segment/read-table.ts'
import { type ReadObject, scanDays } from './segment/scan-days.ts'
import { putOf } from './segment/segment-names.ts'

type Row = Record<string, string | number | null>

/** Groups, and how many there are of which a page is a part. */
export type SumPage<S extends SumName> = { sums: UsageSum<S>[]; total: number }

/** Where days in columns are read, and how many events a day must have for it where nothing else is said. */
export type DayColumns = { read: ReadObject; minEvents?: number }

/** A question, the days of it that segments tell, and what they came to. */
type Asked<S extends SumName> = { query: SumQuery<S>; days: SegmentDay[]; table: GroupTable }

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

function statementsOf<S extends SumName>(db: EventsDb, { query, days }: Asked<S>): D1PreparedStatement[] {
  // Which groups are on a page is known when all parts are put together.
  const { page: _, ...whole } = query
  const dayMs = days.map(one => one.dayMs)
  const texts = [lostStatement(query, dayMs), sumStatement(days.length > 0 ? whole : query, dayMs)]
  const sums = texts.map(({ text, params }) => db.$client.prepare(text).bind(...params))
  return [countTrueSegments(db, query, days), ...sums]
}

function answerOf<S extends SumName>({ query, days, table }: Asked<S>, rows: Row[]): SumPage<S> {
  if (days.length === 0) return readPage(rows, query)
  addRows(rows, query, table)
  return readTable(query, table)
}

// One transaction: what segments tell is not told by anything else, and they are true of the same state.
async function askDatabase<S extends SumName>(db: EventsDb, asked: Asked<S>[]): Promise<Row[][] | undefined> {
  const batch = await db.$client.batch<Row>(asked.flatMap(one => statementsOf(db, one)))
  const results = asked.map((_, index) => batch.slice(3 * index, 3 * index + 3).map(one => one.results))
  if (results.some(([count], index) => count?.[0]?.days !== asked[index]?.days.length)) return undefined
  if (results.some(([, lost]) => lost && lost.length > 0)) throw new EventsArchived()
  return results.map(([, , rows]) => rows ?? [])
}

function startAsking<S extends SumName>(queries: SumQuery<S>[], days: SegmentDay[][]): Asked<S>[] {
  return queries.map((query, index) => {
    const sums = [...new Set<SumName>(['events', ...query.sums])].map(name => ({ name, put: putOf(name) }))
    return { query, days: days[index] ?? [], table: new GroupTable(query.groupBy.flatMap(columnsOf).length, sums) }
  })
}

/** `undefined`: a segment was replaced, or swept, or could not be read, while they were asked. */
async function answerTogether<S extends SumName>(
  db: EventsDb,
  asked: Asked<S>[],
  read: ReadObject,
): Promise<SumPage<S>[] | undefined> {
  const scanned = asked.map(({ query, days, table }) => {
    const sums = [...table.sums.keys()] as SumName[]
    return scanDays(days, { query, sums, table }, read).catch(() => false)
  })
  const [rows, ...areWhole] = await Promise.all([askDatabase(db, asked), ...scanned])
  if (!rows || areWhole.includes(false)) return undefined
  return asked.map((one, index) => answerOf(one, rows[index] ?? []))
}

/** How often a question is asked anew where a segment is replaced under it; then the database alone is asked. */
const TRIES = 2

/**
 * The answers of several questions, of one state of the database: where objects can be read, from segments where these are true and few
 * sums are kept. Throws `EventsArchived` where one of them can only be answered by events that are not here.
 */
export async function sumAllUsage<S extends SumName>(
  db: EventsDb,
  queries: SumQuery<S>[],
  columns?: DayColumns,
): Promise<SumPage<S>[]> {
  for (let tries = 0; columns && tries < TRIES; tries++) {
    const days = await findSegments(db, queries, columns.minEvents)
    if (days.every(one => one.length === 0)) break
    const answers = await answerTogether(db, startAsking(queries, days), columns.read)
    if (answers) return answers
  }
  const asked = startAsking(queries, [])
  const rows = await askDatabase(db, asked)
  return asked.map((one, index) => answerOf(one, rows?.[index] ?? []))
}

/** Sums of a tenant's events by group, in the order of the groups: equal to the sum over the events at any instant. Throws as above. */
export async function sumUsage<S extends SumName>(
  db: EventsDb,
  query: SumQuery<S>,
  columns?: DayColumns,
): Promise<UsageSum<S>[]> {
  const [page] = await sumAllUsage(db, [query], columns)
  return page?.sums ?? []
}
