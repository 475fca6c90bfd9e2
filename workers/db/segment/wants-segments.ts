import { chooseSource } from '../rollup/choose-source.ts'
import { type Facet, PAIRS } from '../rollup/facets.ts'
import type { SumQuery } from '../rollup/sum-query.ts'

/**
 * Which days of a question segments tell: all, where sums are not kept or are about as many as events; those alone whose sums are
 * not kept; or none, since few rows tell it anyway.
 */
export type Wanted = 'all' | 'open' | 'none'

const LARGE: readonly Facet[] = ['user', 'entity', 'all']

// The first name in the key of the rollups, by which few of them are read.
function isNarrowed({ filter = {} }: SumQuery, facet: Facet): boolean {
  return facet === 'user' ? filter.user_id !== undefined : facet === 'entity' && filter.entity_id !== undefined
}

function ofHours(facet: Facet): Wanted {
  return PAIRS.includes(facet) || LARGE.includes(facet) ? 'all' : 'none'
}

/** Says which days of a question are read from segments, where these are there. */
export function wantsSegments(query: SumQuery): Wanted {
  const source = chooseSource(query)
  if (!source) return 'all'
  if (query.groupBy.includes('hour')) return ofHours(source.facet)
  if (LARGE.includes(source.facet)) return isNarrowed(query, source.facet) ? 'open' : 'all'
  return source.facet === 'tag' || PAIRS.includes(source.facet) ? 'open' : 'none'
}
