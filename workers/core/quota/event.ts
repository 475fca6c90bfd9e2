import { callStartMs, eventId, NO_USAGE, type UsageEvent } from '../usage.ts'
import type { HeldSettle, SettleCommand } from './settle.ts'
import type { Hold } from './state.ts'

/** What an event is made of: how it ended, and what was known of it before. */
type Settling = HeldSettle & Pick<SettleCommand, 'draft'>

/** The event of an attempt that was settled. `admittedMs` and `heldNano` are those of its hold, where it had one. */
export function settledEvent(command: Settling, admittedMs: number, heldNano: number): UsageEvent {
  const { usage } = command
  return {
    ...command.draft,
    id: eventId(command.callId, command.attempt),
    attempt: command.attempt,
    revision: 1,
    timestamp_ms: callStartMs(command.callId),
    admitted_ms: admittedMs,
    settled_ms: command.nowMs,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_nano: command.costNano,
    held_nano: heldNano,
    overrun_nano: Math.max(0, command.costNano - heldNano),
    latency_ms: command.latencyMs,
    first_byte_ms: command.firstByteMs,
    http_status: command.httpStatus,
    success: command.success,
    outcome: command.outcome,
    service_tier: command.serviceTier ?? null,
    cost_detail: command.costDetail ?? null,
  }
}

/** The settlement of an attempt whose truth is lost: all it could have cost is charged. */
export function assumedSettlement(hold: Hold, nowMs: number): SettleCommand {
  const startMs = callStartMs(hold.callId)
  return {
    callId: hold.callId,
    attempt: hold.attempt,
    nowMs,
    outcome: 'assumed',
    success: false,
    usage: { ...NO_USAGE, ...hold.bound },
    costNano: hold.need.nano_usd,
    latencyMs: Math.max(0, nowMs - startMs),
    firstByteMs: null,
    httpStatus: null,
    scopes: [],
    draft: hold.draft,
  }
}
