import type { Put } from '../../core/segment/gather-rows.ts'
import type { EventDimension } from '../rollup/dimensions.ts'
import { SUM_NAMES, type SumName } from '../rollup/sums.ts'

/** How segments are written. Those of another number are not read: with a new one comes a migration that makes every day due. */
export const FORMAT = 1

/** The column of the hour of its day that a row is of. */
export const HOUR = 'hour'

/** The texts that each segment tells apart. */
export const TEXTS: readonly EventDimension[] = [
  ...(['provider', 'model', 'virtual_key_id', 'agent_name', 'team', 'feature'] as const),
  ...(['entity_type', 'user_id', 'entity_id'] as const),
]

/**
 * Names with many values that are asked for alone: of these a day is written once more, with one row for each value. There are never more
 * than values, where a day's rows are soon as many as its events.
 */
export const SUMMARIES: readonly (readonly EventDimension[])[] = [['entity_type', 'entity_id'], ['user_id']]

const PUT: Partial<Record<SumName, Put>> = { first_ms: 'min', last_ms: 'max' }

/** How what events add to a sum is put together. */
export const putOf = (name: SumName): Put => PUT[name] ?? 'sum'

/** The numbers of each segment. The hour is the first: rows of different hours are not put together. */
export const NUMBERS: readonly { name: string; put: Put }[] = [
  { name: HOUR, put: 'max' },
  ...SUM_NAMES.map(name => ({ name, put: putOf(name) })),
]

/** The column of a tag. */
export const tagColumn = (key: string) => `tag:${key}`

// What most questions ask for is side by side, so that one request has it; names with many values and rare sums come last.
const FIRST: readonly string[] = [HOUR, 'events', 'cost_nano', 'input_tokens', 'output_tokens', 'successes']
const LAST: readonly string[] = ['user_id', 'entity_id', 'first_ms', 'last_ms']

/** Where a column is in a segment, as a number to sort by. */
export function placeOf(name: string): number {
  if (FIRST.includes(name)) return FIRST.indexOf(name)
  if (LAST.includes(name)) return 200 + LAST.indexOf(name)
  return NUMBERS.some(one => one.name === name) ? 300 : 100
}
