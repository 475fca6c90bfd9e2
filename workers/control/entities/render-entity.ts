import type { UsageSum } from '../../db/rollup/sum-query.ts'
import { usdOf } from '../analytics/render-money.ts'

/** What is summed of an entity. */
export const ENTITY_SUMS = ['events', 'input_tokens', 'output_tokens', 'cost_nano', 'first_ms', 'last_ms'] as const
/** Sums of `ENTITY_SUMS`. */
export type EntitySum = UsageSum<(typeof ENTITY_SUMS)[number]>

/** The time before which there are no events, and after which there are none: what an entity is asked for unless said. */
export const ALL_TIME = { startMs: 0, endMs: Date.UTC(9999, 0, 1) }

/** An entity as the API shows it: from when it was first seen to when it was last. */
export function renderEntity(sum: Omit<EntitySum, 'group'> & { group: Record<string, unknown> }) {
  const { group, events, input_tokens, output_tokens, cost_nano, first_ms, last_ms } = sum
  return {
    entity_type: group.entity_type,
    entity_id: group.entity_id,
    first_seen: new Date(first_ms ?? 0).toISOString(),
    last_seen: new Date(last_ms ?? 0).toISOString(),
    total_cost: usdOf(cost_nano),
    total_cost_nano: String(cost_nano),
    total_events: events,
    total_tokens: input_tokens + output_tokens,
  }
}
