import type { EventDimension } from './dimensions.ts'
import { ANY_TAG, dimensionsOf, FACET_NAMES, type Facet, PAIRS, tagFacet } from './facets.ts'
import type { SumQuery } from './sum-query.ts'
import { columnsOf } from './usage-group.ts'

/**
 * Where the sums of a question come from. `facet`: rollups of it where they are kept, events elsewhere; of a tag, `tag` is its key, and
 * `rest` the facet that has all events, where those without the tag are asked for too. `undefined`: rollups cannot answer it.
 */
export type Source = { facet: Facet; tag?: string; rest?: Facet; needed: string[] } | undefined

/** The dimensions that a question names, in groups or filters. */
export function namedDimensions({ groupBy, filter = {} }: SumQuery): EventDimension[] {
  const columns = groupBy.flatMap(columnsOf).flatMap(one => (one.kind === 'dimension' ? [one.name] : []))
  const filtered = (Object.keys(filter) as EventDimension[]).filter(name => filter[name] !== undefined)
  return [...new Set([...columns, ...filtered])]
}

/** The tags that a question groups by. */
export function groupedTags({ groupBy }: SumQuery): string[] {
  return [...new Set(groupBy.flatMap(columnsOf).flatMap(one => (one.kind === 'tag' ? [one.key] : [])))]
}

const IN_ALL: readonly EventDimension[] = ['provider', 'model']

// Provider and model are in what the rows of any facet have packed.
function narrowest(dimensions: EventDimension[]): Facet {
  const others = dimensions.filter(name => !IN_ALL.includes(name))
  const has = (facet: Facet) => facet !== 'tag' && others.every(name => dimensionsOf(facet).some(one => one === name))
  return FACET_NAMES.find(has) ?? 'all'
}

function ofOneTag(query: SumQuery, key: string): Source {
  const rest = narrowest(namedDimensions(query))
  if (rest !== 'model') return undefined
  const needed = [tagFacet(key), tagFacet(ANY_TAG)]
  if (query.tags?.[key] !== undefined) return { facet: 'tag', tag: key, needed }
  return { facet: 'tag', tag: key, rest, needed: [...needed, rest] }
}

/** Chooses the narrowest facet that has all that a question names. */
export function chooseSource(query: SumQuery): Source {
  const [key, ...others] = new Set([...groupedTags(query), ...Object.keys(query.tags ?? {})])
  if (others.length > 0) return undefined
  if (key !== undefined) return ofOneTag(query, key)
  const facet = narrowest(namedDimensions(query))
  return { facet, needed: [facet] }
}

/**
 * What a question reads most of: rollups of days, or of hours; rollups of several names at once, which may have a row for each event; or
 * every event of its range.
 */
export function rowsToRead(query: SumQuery): 'days' | 'hours' | 'combinations' | 'events' {
  const source = chooseSource(query)
  if (source === undefined) return 'events'
  if (source.facet === 'all' || PAIRS.includes(source.facet)) return 'combinations'
  return query.groupBy.includes('hour') ? 'hours' : 'days'
}
