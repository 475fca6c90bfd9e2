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
  entity_type: ['entity_type'],
  tag: ['tag_key', 'tag_value'],
  user: ['user_id'],
  entity: ['entity_type', 'entity_id'],
  team_feature: ['team', 'feature'],
  agent_team: ['agent_name', 'team'],
  agent_feature: ['agent_name', 'feature'],
  team_key: ['team', 'virtual_key_id'],
  feature_key: ['feature', 'virtual_key_id'],
  agent_key: ['agent_name', 'virtual_key_id'],
  all: ['user_id', 'entity_type', 'entity_id', 'agent_name', 'team', 'feature', 'virtual_key_id'],
} as const satisfies Record<string, readonly Dimension[]>

/** A facet's name. */
export type Facet = keyof typeof FACETS

/** Every facet, in the order in which they are kept. */
export const FACET_NAMES = Object.keys(FACETS) as Facet[]

/** Facets of two names at once. However many events there are, a day has no more rows of one than there are pairs. */
export const PAIRS: readonly Facet[] = [
  ...(['team_feature', 'agent_team', 'agent_feature', 'team_key', 'feature_key', 'agent_key'] as const),
]

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
