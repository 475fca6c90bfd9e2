import type { RecordedEvent } from '../../core/usage.ts'

const TOLD = [
  ...([
    'provider',
    'model',
    'request_id',
    'service_tier',
    'is_stream',
    'success',
    'http_status',
    'latency_ms',
  ] as const),
  ...(['feature', 'team', 'agent_name', 'user_id', 'entity_type', 'entity_id'] as const),
  ...(['input_tokens', 'output_tokens', 'cached_input_tokens', 'cache_write_tokens', 'reasoning_tokens'] as const),
]

const sorted = (tags: Record<string, string>) => JSON.stringify(Object.entries(tags).sort())

/** Whether two reports of one event say the same. What was reckoned is not compared: prices may have changed since. */
export function sameReport(event: RecordedEvent, before: RecordedEvent, hasCost: boolean): boolean {
  const isPriced = before.cost_detail !== null
  if (hasCost === isPriced) return false
  if (hasCost && event.cost_nano !== before.cost_nano) return false
  return TOLD.every(name => event[name] === before[name]) && sorted(event.tags) === sorted(before.tags)
}
