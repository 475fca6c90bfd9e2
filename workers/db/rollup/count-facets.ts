import type { EventsDb } from '../database.ts'
import { eventsOf, groupsOf } from './event-source.ts'
import { FACET_NAMES, type Facet } from './facets.ts'
import type { KeepRule } from './keep-rule.ts'
import { inPeriod, type Period } from './period.ts'

/** How many rows a facet would have in a period; of tags, each tag by itself. */
export type FacetSize = { facet: Facet; tag: string | null; size: number }

// Every statement has all four parameters of a period, used or not: D1 counts what is bound.
const COUNT_EVENTS = `SELECT count(*) AS size ${eventsOf('model')} AND ?2 = ?2`

function countRows(facet: Facet): string {
  const name = `'${facet}' AS facet`
  const rows = `SELECT DISTINCT ${groupsOf(facet)} ${eventsOf(facet)} AND ?2 = ?2`
  if (facet !== 'tag') return `SELECT ${name}, NULL AS tag, count(*) AS size FROM (${rows})`
  return `SELECT ${name}, key AS tag, count(*) AS size FROM (${rows}) GROUP BY key ORDER BY size, key`
}

/** How many events a period has, and how many rows each facet would have but those that are never kept, in the order in which facets are kept. */
export async function countFacets(
  db: EventsDb,
  period: Period,
  { never }: KeepRule,
): Promise<{ events: number; sizes: FacetSize[] }> {
  const wanted = FACET_NAMES.filter(name => !never.includes(name))
  const statements = [COUNT_EVENTS, ...wanted.map(countRows)].map(text => inPeriod(db, period, [text]))
  const [counted, ...results] = await db.$client.batch<FacetSize>(statements)
  return { events: counted?.results[0]?.size ?? 0, sizes: results.flatMap(({ results: rows }) => rows) }
}
