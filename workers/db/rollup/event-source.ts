import { type Dimension, ofEvent } from './dimensions.ts'
import { dimensionsOf, type Facet } from './facets.ts'

/** A dimension as the rows of `eventsOf` have it. */
export function ofSource(name: Dimension): string {
  if (name === 'tag_key') return 'tag.key'
  return name === 'tag_value' ? 'tag.value' : ofEvent(name)
}

/** The dimensions of a facet as the rows of `eventsOf` have them. */
export function groupsOf(facet: Facet): string {
  return dimensionsOf(facet).map(ofSource).join(', ')
}

/**
 * Where a facet's sums come from: the events of tenant `?1` with ids in `[?3, ?4)`, of tags once for each tag that has a value.
 * CROSS JOIN, so that the range of the key is read first.
 */
export function eventsOf(facet: Facet): string {
  const events = 'event.tenant_id = ?1 AND event.id >= ?3 AND event.id < ?4'
  if (facet !== 'tag') return `FROM usage_event AS event WHERE ${events}`
  return `FROM usage_event AS event CROSS JOIN json_each(event.tags) AS tag WHERE ${events} AND tag.value <> ''`
}
