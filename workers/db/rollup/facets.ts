import type { Dimension } from './dimensions.ts'

/**
 * What rollups keep, by name: sums told apart by these dimensions, and packed in each row also by provider and model. Those that
 * come first are kept first: they answer most questions with the fewest rows. A single table of all dimensions would have about a
 * row for each event, since most combinations are rare; where they are not, `all` is kept too.
 */
export const FACETS = {
  model: ['provider', 'model'],
  team: ['team'],
  feature: ['feature'],
  agent: ['agent_name'],
  key: ['virtual_key_id'],
  tag: ['tag_key', 'tag_value'],
  user: ['user_id'],
  entity: ['entity_type', 'entity_id'],
  all: ['user_id', 'entity_type', 'entity_id', 'agent_name', 'team', 'feature', 'virtual_key_id'],
} as const satisfies Record<string, readonly Dimension[]>

/** A facet's name. */
export type Facet = keyof typeof FACETS

/** Every facet, in the order in which they are kept. */
export const FACET_NAMES = Object.keys(FACETS) as Facet[]

/** The dimensions of a facet. */
export function dimensionsOf(facet: Facet): readonly Dimension[] {
  return FACETS[facet]
}

/** Whether a facet's rows are told apart by provider and model only in what they have packed. */
export function isPacked(facet: Facet): boolean {
  return facet !== 'model'
}

/** Stands for all tags, where a period has too many different ones. */
export const ANY_TAG = '*'

/** The facet of one tag, as `missing` names it: each tag is kept or not by itself. */
export function tagFacet(key: string): string {
  return `tag:${key}`
}
