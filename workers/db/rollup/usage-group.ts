import { HOUR_MS } from '../../core/window/hour.ts'
import { DAY_MS } from '../hours.ts'
import type { EventDimension } from './dimensions.ts'

/** Stretches of time that sums are told apart by, all of UTC; a week begins on Monday, as in ISO 8601. */
export const TIME_GROUPS = ['hour', 'day', 'week', 'month'] as const
/** One of `TIME_GROUPS`. */
export type TimeGroup = (typeof TIME_GROUPS)[number]

/** What else sums are told apart by, and the columns that it is. */
export const NAME_GROUPS = {
  provider: ['provider'],
  model: ['model'],
  virtual_key: ['virtual_key_id'],
  team: ['team'],
  agent: ['agent_name'],
  feature: ['feature'],
  user: ['user_id'],
  entity_type: ['entity_type'],
  entity: ['entity_type', 'entity_id'],
} as const satisfies Record<string, readonly EventDimension[]>
/** A name in `NAME_GROUPS`. */
export type NameGroup = keyof typeof NAME_GROUPS

/** What sums are told apart by: time, names, the values of a tag. */
export type UsageGroup = TimeGroup | NameGroup | `tag:${string}`

/** One column that a group is: of time, of a dimension, or of a tag. */
export type GroupColumn =
  | { kind: 'time'; name: TimeGroup }
  | { kind: 'dimension'; name: EventDimension }
  | { kind: 'tag'; name: string; key: string }

/** The columns that a group is. */
export function columnsOf(group: UsageGroup): GroupColumn[] {
  const time = TIME_GROUPS.find(name => name === group)
  if (time) return [{ kind: 'time', name: time }]
  if (group.startsWith('tag:')) return [{ kind: 'tag', name: group, key: group.slice('tag:'.length) }]
  return NAME_GROUPS[group as NameGroup].map(name => ({ kind: 'dimension', name }))
}

/** Where a stretch of time begins that `at_ms` falls in, in UTC epoch milliseconds. The epoch was a Thursday. */
export const STARTS: Record<TimeGroup, string> = {
  hour: `at_ms - at_ms % ${HOUR_MS}`,
  day: `at_ms - at_ms % ${DAY_MS}`,
  week: `at_ms - (at_ms + ${3 * DAY_MS}) % ${7 * DAY_MS}`,
  month: `1000 * unixepoch(at_ms / 1000, 'unixepoch', 'start of month')`,
}

/** A dimension and a tag's place have this name in all parts of a sum. */
export function aliasOf(column: Exclude<GroupColumn, { kind: 'time' }>, tags: string[]): string {
  return column.kind === 'tag' ? `tag_${tags.indexOf(column.key)}` : column.name
}
