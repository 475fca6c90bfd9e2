import { usdFromNano } from '../money/nano-usd.ts'
import type { RecordedEvent } from '../usage.ts'

function renderTokens(event: RecordedEvent) {
  return {
    input_tokens: event.input_tokens,
    output_tokens: event.output_tokens,
    tokens_input: event.input_tokens,
    tokens_output: event.output_tokens,
    cached_input_tokens: event.cached_input_tokens,
    cache_write_tokens: event.cache_write_tokens,
    reasoning_tokens: event.reasoning_tokens,
    total_tokens: event.input_tokens + event.output_tokens,
  }
}

function renderMoney(event: RecordedEvent) {
  return {
    cost_usd: usdFromNano(event.cost_nano),
    cost_nano: String(event.cost_nano),
    held_usd: usdFromNano(event.held_nano),
    overrun_usd: usdFromNano(event.overrun_nano),
    service_tier: event.service_tier,
    pricebook_version: event.pricebook_version,
  }
}

function renderEnd(event: RecordedEvent) {
  return {
    latency_ms: event.latency_ms,
    first_byte_ms: event.first_byte_ms,
    status: event.http_status,
    success: event.success,
    outcome: event.outcome,
    is_estimated: event.outcome === 'estimated' || event.outcome === 'assumed',
    is_stream: event.is_stream,
    attempt: event.attempt,
  }
}

function renderAttribution(event: RecordedEvent) {
  const { virtual_key_id, feature, team, agent_name, user_id, entity_type, entity_id, tags } = event
  return { virtual_key_id: virtual_key_id || null, feature, team, agent_name, user_id, entity_type, entity_id, tags }
}

// What LLMGovernor keeps there.
function renderMetadata({ request_id, latency_ms, input_tokens, output_tokens }: RecordedEvent) {
  return { request_id, duration_ms: latency_ms, prompt_tokens: input_tokens, completion_tokens: output_tokens }
}

/** A usage event as the API shows it, under the names of both LLMGovernor and InfraPrism. `timestamp`: when its call began. */
export function renderEvent(event: RecordedEvent) {
  return {
    id: event.id,
    request_id: event.request_id,
    timestamp: new Date(event.timestamp_ms).toISOString(),
    provider: event.provider,
    model: event.model,
    requested_model: event.requested_model,
    priced_model: event.priced_model,
    ...renderTokens(event),
    ...renderMoney(event),
    ...renderEnd(event),
    ...renderAttribution(event),
    source: event.source ?? 'gateway',
    metadata: renderMetadata(event),
    rule_id: event.rule_id ?? null,
    rules_skipped: event.rules_skipped ?? [],
  }
}
