import type { FacetSize } from './count-facets.ts'
import { ANY_TAG, FACET_NAMES, type Facet, tagFacet } from './facets.ts'

/** What is kept of a period: facets, and of the facet of tags these; and what is missing, by name. */
export type Kept = { facets: Facet[]; tags: string[]; missing: string[] }

/**
 * Rows that a period may have for each of its events, all facets taken together. An hour and its day then write less than one
 * row for each event.
 */
export const ROWS_PER_EVENT = 0.45
/** More different tags than this in a period, and none of them is kept: they are ids, and nobody asks for them one by one. */
const MAX_TAGS = 100

function nameOf({ facet, tag }: FacetSize): string {
  return facet === 'tag' ? tagFacet(tag ?? '') : facet
}

/** Which facets of a period fit into so many rows; each in its turn that still does. */
export function chooseKept(all: FacetSize[], maxRows: number): Kept {
  const hasTooManyTags = all.filter(({ facet }) => facet === 'tag').length > MAX_TAGS
  const sizes = hasTooManyTags ? all.filter(({ facet }) => facet !== 'tag') : all
  const missing = hasTooManyTags ? [tagFacet(ANY_TAG)] : []
  const tags: string[] = []
  let left = maxRows
  for (const one of sizes) {
    if (one.size > left) missing.push(nameOf(one))
    else {
      left -= one.size
      if (one.facet === 'tag') tags.push(one.tag ?? '')
    }
  }
  return { facets: FACET_NAMES.filter(name => !missing.includes(name)), tags, missing }
}
