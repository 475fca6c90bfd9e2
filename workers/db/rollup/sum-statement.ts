import type { Interval } from '../../core/window/window.ts'
import { DAY_MS } from '../hours.ts'
import { planRange } from '../plan-range.ts'
import { chooseSource, groupedTags, namedDimensions } from './choose-source.ts'
import { IS_ANY_LOST, IS_LOST, PLAN } from './plan-sql.ts'
import { partsOf, type Writing } from './select-parts.ts'
import type { GroupPage, SumQuery } from './sum-query.ts'
import { isMoney, putTogether, type SumName } from './sums.ts'
import { aliasOf, columnsOf, type GroupColumn, STARTS } from './usage-group.ts'

/** A statement and what is bound to it. */
export type BoundText = { text: string; params: (string | number)[] }

function groupExpression(column: GroupColumn, tags: string[]): string {
  return column.kind === 'time' ? STARTS[column.name] : aliasOf(column, tags)
}

// In the order of `by`, and of the groups themselves among equals. `from` has sums as numbers, also where they are shown as text.
function orderOf({ by, isDescending }: GroupPage, [keys, from]: [keys: string[], from: string]): string {
  const direction = isDescending ? 'DESC' : 'ASC'
  const order = by === null ? keys.map(key => `${from}.${key} ${direction}`) : [`${from}.${by} ${direction}`]
  const ties = by === null ? [] : keys.map(key => `${from}.${key}`)
  return order.length + ties.length > 0 ? `ORDER BY ${[...order, ...ties].join(', ')}` : ''
}

function finish(writing: Writing, columns: GroupColumn[]): string {
  const keys = columns.map((_, index) => `g${index}`)
  const shown = columns.map(({ kind }, index) => (kind === 'time' ? `g${index}` : `nullif(g${index}, '') AS g${index}`))
  const sums = writing.sums.map(name => (isMoney(name) ? `CAST(${name} AS TEXT) AS ${name}` : name))
  const { page } = writing.query
  const list = [...shown, ...sums].join(', ')
  if (!page) return `SELECT ${list} FROM grouped ${keys.length > 0 ? `ORDER BY ${keys.join(', ')}` : ''}`
  const slice = `${orderOf(page, [keys, 'grouped'])} LIMIT ${writing.bind(page.limit)} OFFSET ${writing.bind(page.offset)}`
  return `SELECT group_count, ${list} FROM (SELECT count(*) AS group_count FROM grouped)
    LEFT JOIN (SELECT * FROM grouped ${slice}) AS top ON true ${orderOf(page, [keys, 'top'])}`
}

// What of the range is of none of these days, which are in their order.
function gapsIn({ startMs, endMs }: Interval, days: readonly number[]): Interval[] {
  const starts = [startMs, ...days.map(dayMs => dayMs + DAY_MS)]
  const ends = [...days, endMs]
  return starts
    .map((from, index) => ({ startMs: from, endMs: ends[index] ?? endMs }))
    .filter(one => one.startMs < one.endMs)
}

/** The range of a question as statements read it. `segmentDays`: days that are told by other means, in their order. */
export function planText({ range, groupBy }: SumQuery, segmentDays: readonly number[]): string {
  const covered = planRange(range, !groupBy.includes('hour'))
  return JSON.stringify({ ...range, ...covered, segmentDays, gaps: gapsIn(range, segmentDays) })
}

function startWriting(
  query: SumQuery,
  segmentDays: readonly number[],
): { writing: Writing; params: (string | number)[] } {
  const source = chooseSource(query)
  const plan = planText(query, segmentDays)
  const params: (string | number)[] = [query.tenantId, plan, JSON.stringify(source?.needed ?? [])]
  const bind = (value: string | number) => `?${params.push(value)}`
  const sums = [...new Set<SumName>(['events', ...query.sums])]
  return {
    writing: { query, source, dimensions: namedDimensions(query), tags: groupedTags(query), sums, bind },
    params,
  }
}

/** Asks whether a question is of events in the archive that no rollup tells apart as it does. */
export function lostStatement(query: SumQuery, segmentDays: readonly number[] = []): BoundText {
  const { writing, params } = startWriting(query, segmentDays)
  return { text: writing.source ? `WITH ${PLAN} ${IS_LOST}` : IS_ANY_LOST, params }
}

/**
 * The one statement that answers a question, from rollups where they are kept and true, and from events elsewhere; without
 * `segmentDays`, which are days in the range.
 */
export function sumStatement(query: SumQuery, segmentDays: readonly number[] = []): BoundText {
  const { writing, params } = startWriting(query, segmentDays)
  const { source, sums, tags } = writing
  const columns = query.groupBy.flatMap(columnsOf)
  const groups = columns.map((column, index) => `${groupExpression(column, tags)} AS g${index}`)
  const keys = columns.map((_, index) => `g${index}`)
  const named = columns.flatMap(({ kind }, index) =>
    kind === 'time' || !query.isNamed ? [] : [` AND g${index} <> ''`],
  )
  const text = `WITH ${source ? `${PLAN},` : ''} part AS (${partsOf(writing)}),
  grouped AS (SELECT ${[...groups, ...sums.map(name => `${putTogether(name, name)} AS ${name}`)].join(', ')}
    FROM part GROUP BY ${keys.length > 0 ? keys.join(', ') : 'NULL'} HAVING sum(events) > 0${named.join('')})
  ${finish(writing, columns)}`
  return { text, params }
}
