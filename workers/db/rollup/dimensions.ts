/** What events are told apart by in rollups, in the order of the key: what has the most values comes first. */
export const DIMENSIONS = [
  'tag_key',
  'tag_value',
  'user_id',
  'entity_type',
  'entity_id',
  'agent_name',
  'team',
  'feature',
  'virtual_key_id',
  'provider',
  'model',
] as const

/** A column of the rollups. */
export type Dimension = (typeof DIMENSIONS)[number]

/** A column that events have too. */
export type EventDimension = Exclude<Dimension, 'tag_key' | 'tag_value'>

const NEVER_NULL: readonly Dimension[] = ['virtual_key_id', 'provider', 'model']

/** A dimension of `usage_event AS event`, where what is absent is the empty text. */
export function ofEvent(name: EventDimension): string {
  return NEVER_NULL.includes(name) ? `event.${name}` : `coalesce(event.${name}, '')`
}
