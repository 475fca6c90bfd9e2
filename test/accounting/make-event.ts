import { eventId, type UsageEvent } from '../../workers/core/usage.ts'

/** A call id (UUIDv7) of a call that began at `ms`. */
export function callIdAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

/** A usage event of a call that began at `atMs`, with whatever else a test cares for. */
export function makeEvent(atMs: number, fields: Partial<UsageEvent> = {}): UsageEvent {
  const { attempt = 1 } = fields
  return {
    id: eventId(callIdAt(atMs), attempt),
    tenant_id: 'tenant-a',
    virtual_key_id: 'key-a',
    request_id: 'req-1',
    attempt,
    revision: 1,
    timestamp_ms: atMs,
    admitted_ms: atMs,
    settled_ms: atMs + 500,
    provider: 'openai',
    model: 'gpt-4o-mini',
    requested_model: 'openai/gpt-4o-mini',
    priced_model: 'openai/gpt-4o-mini',
    pricebook_version: '2026-11-01',
    is_stream: false,
    feature: null,
    team: null,
    agent_name: null,
    user_id: null,
    entity_type: null,
    entity_id: null,
    tags: {},
    input_tokens: 100,
    output_tokens: 20,
    cached_input_tokens: 10,
    cache_write_tokens: 5,
    reasoning_tokens: 3,
    cost_nano: 27_000,
    held_nano: 50_000,
    overrun_nano: 0,
    latency_ms: 500,
    first_byte_ms: 120,
    http_status: 200,
    success: true,
    outcome: 'ok',
    service_tier: null,
    cost_detail: null,
    ...fields,
  }
}
