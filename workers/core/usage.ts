/**
 * Tokens of one attempt, as the provider counted them. `inputTokens` is the total: cached reads and cache writes
 * are inside it; `reasoningTokens` and `outputAudioTokens` are inside `outputTokens`.
 */
export type Usage = {
  inputTokens: number
  outputTokens: number
  cachedInputTokens: number
  cacheWriteTokens: number
  reasoningTokens: number
  inputAudioTokens: number
  outputAudioTokens: number
}

/** A usage of nothing, to be spread under what is known. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
}

/**
 * How an attempt ended. `ok`: the provider's own usage; `estimated`: it sent none, we counted; `assumed`: the truth
 * was lost and the whole hold is charged; `provider_error`: it answered an error; `unreachable`: it never answered.
 */
export type Outcome = 'ok' | 'estimated' | 'assumed' | 'provider_error' | 'unreachable'

/** How a row of the record can have come to be: an attempt's end, or a correction, which makes D1 agree with what a meter counted. */
export const RECORDED_OUTCOMES = ['ok', 'estimated', 'assumed', 'provider_error', 'unreachable', 'correction'] as const

/** One of `RECORDED_OUTCOMES`. */
export type RecordedOutcome = (typeof RECORDED_OUTCOMES)[number]

/** Who says so: the gateway, which counted it, or the tenant, which reports what did not pass through it. */
export const EVENT_SOURCES = ['gateway', 'reported'] as const

/** One of `EVENT_SOURCES`. */
export type EventSource = (typeof EVENT_SOURCES)[number]

/** Who and what a request is for, from the caller's headers. Absent ones are `null`. */
export type Attribution = {
  feature: string | null
  team: string | null
  agent_name: string | null
  user_id: string | null
  entity_type: string | null
  entity_id: string | null
  tags: Record<string, string>
}

/** Of a request that says nothing of whom it is for. */
export const NO_ATTRIBUTION: Attribution = {
  feature: null,
  team: null,
  agent_name: null,
  user_id: null,
  entity_type: null,
  entity_id: null,
  tags: {},
}

/** What is known of an attempt when it is admitted; enough to make its event if nobody ever settles it. */
export type EventDraft = Attribution & {
  tenant_id: string
  virtual_key_id: string
  /** The caller's `x-request-id`, or ours. Echoed and recorded, never a key. */
  request_id: string
  provider: string
  model: string
  requested_model: string
  /** The pricebook's entry whose prices were charged. */
  priced_model: string
  pricebook_version: string
  is_stream: boolean
  /** The routing rule that sent it where it went. Absent: none did. */
  rule_id?: string | null | undefined
  /** The rules that could not be evaluated, by their ids. Absent: none. */
  rules_skipped?: string[] | null | undefined
}

/**
 * How a charge came about: so many of each unit at so many pico-dollars each, which sum to it before it is rounded up.
 * `tier`: the service tier whose prices these are; `above`: the input tokens from which on they hold, where there are steps;
 * `source`: whose prices. `unpriced`: what was used and nobody has a price of. Kept small: there is one for each event.
 */
export type CostDetail = {
  tier: string
  above: number | null
  source: string
  lines: [unit: string, quantity: number, picoPerUnit: number][]
  unpriced?: [unit: string, quantity: number][] | undefined
}

/**
 * The immutable record of one attempt of one request, as it travels from the meter's outbox to D1. `id` is made by
 * Weir (see `eventId`); a later `revision` of the same id replaces the earlier one (an assumed charge made true).
 */
export type UsageEvent = EventDraft & {
  id: string
  attempt: number
  revision: number
  timestamp_ms: number
  admitted_ms: number
  settled_ms: number
  input_tokens: number
  output_tokens: number
  cached_input_tokens: number
  cache_write_tokens: number
  reasoning_tokens: number
  cost_nano: number
  held_nano: number
  /** What the cost exceeded the hold by; a debt that stays on the counter. */
  overrun_nano: number
  latency_ms: number
  /** Time to the first byte of the answer's body; null where none came. */
  first_byte_ms: number | null
  http_status: number | null
  success: boolean
  outcome: Outcome
  /** The tier that the provider said it served, by its standard name; null where it said none. */
  service_tier: string | null
  /** Null where nothing was reckoned: the hold was charged, or nothing. */
  cost_detail: CostDetail | null
}

/** An event as D1 has it: of an attempt, reported, or a correction, whose cost and tokens may be below zero. */
export type RecordedEvent = Omit<UsageEvent, 'outcome'> & {
  outcome: RecordedOutcome
  /** `gateway` where it is not said. A reported one has no virtual key: `virtual_key_id` is empty. */
  source?: EventSource
}

/** The key of an attempt's event: `evt_` + the request's UUIDv7 without dashes + `_` + the attempt. Sorts by time. */
export function eventId(callId: string, attempt: number): string {
  return `evt_${callId.replaceAll('-', '')}_${attempt}`
}

/** The smallest event id that a call started at `ms` (UTC epoch milliseconds) can have: the lower bound of a time range. */
export function eventIdFloor(ms: number): string {
  return `evt_${Math.max(0, Math.trunc(ms)).toString(16).padStart(12, '0')}`
}

/** When a call began, in UTC epoch milliseconds: the first 48 bits of its UUIDv7 (RFC 9562 section 5.7). */
export function callStartMs(callId: string): number {
  return Number.parseInt(callId.replaceAll('-', '').slice(0, 12), 16)
}

/** The smallest call id that a call started at `ms` (UTC epoch milliseconds) can have. */
export function callIdFloor(ms: number): string {
  const hex = Math.max(0, Math.trunc(ms)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}
