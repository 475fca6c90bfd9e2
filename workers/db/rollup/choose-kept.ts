import type { FacetSize } from './count-facets.ts'
import { ANY_TAG, FACET_NAMES, type Facet, tagFacet } from './facets.ts'
import type { KeepRule } from './keep-rule.ts'

/** What is kept of a period: facets, and of the facet of tags these; and what is missing, by name. */
export type Kept = { facets: Facet[]; tags: string[]; missing: string[] }

/** More different tags than this in a period, and none of them is kept: they are ids, and nobody asks for them one by one. */
const MAX_TAGS = 100

function nameOf({ facet, tag }: FacetSize): string {
  return facet === 'tag' ? tagFacet(tag ?? '') : facet
}

/** Which facets of a period with so many events are kept by a rule; each in its turn that still fits. */
export function chooseKept(all: FacetSize[], { rowsPerEvent, always, never }: KeepRule, events: number): Kept {
  const hasTooManyTags = all.filter(({ facet }) => facet === 'tag').length > MAX_TAGS
  const sizes = hasTooManyTags ? all.filter(({ facet }) => facet !== 'tag') : all
  const missing: string[] = [...never, ...(hasTooManyTags ? [tagFacet(ANY_TAG)] : [])]
  const tags: string[] = []
  let left = rowsPerEvent * events
  for (const one of sizes) {
    if (always.includes(one.facet)) continue
    if (one.size > left) missing.push(nameOf(one))
    else {
      left -= one.size
      if (one.facet === 'tag') tags.push(one.tag ?? '')
    }
  }
  return { facets: FACET_NAMES.filter(name => !missing.includes(name)), tags, missing }
}
