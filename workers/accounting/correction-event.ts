import { createHash } from 'node:crypto'
import { eventIdFloor, type RecordedEvent } from '../core/usage.ts'
import type { Sums } from '../db/read-hour.ts'

/** A key's hour, and what its correction shall say: what the meters counted, less what the events say. */
export type Correction = {
  tenantId: string
  keyId: string
  hourMs: number
  revision: number
  gap: Sums
}

// In the place of a UUIDv7's version there is a zero, so that no call has this id.
function correctionId(keyId: string, hourMs: number): string {
  const hash = createHash('sha256').update(keyId).digest('hex').slice(0, 19)
  return `${eventIdFloor(hourMs)}0${hash}_1`
}

const NOBODY = { feature: null, team: null, agent_name: null, user_id: null, entity_type: null, entity_id: null }
const NAMES = { provider: 'weir', model: 'correction', requested_model: 'correction', priced_model: 'correction' }
const NOT_A_CALL = { is_stream: false, latency_ms: 0, first_byte_ms: null, http_status: null, success: true }
const NOT_RECKONED = { service_tier: null, cost_detail: null }
const NO_TOKENS = { cached_input_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 }

/**
 * The event that makes D1's sums of a key's hour agree with what its meters counted. It is one row however often it is made:
 * its id is of the key and hour, and a later revision replaces it, down to nothing where the missing events came after all.
 */
export function correctionEvent(correction: Correction, nowMs: number): RecordedEvent {
  const { tenantId, keyId, hourMs, revision, gap } = correction
  const { events, ...amounts } = gap
  return {
    ...{ id: correctionId(keyId, hourMs), tenant_id: tenantId, virtual_key_id: keyId, request_id: 'reconcile' },
    ...{ attempt: 1, revision, timestamp_ms: hourMs, admitted_ms: hourMs, settled_ms: nowMs },
    ...{ ...NAMES, ...NOBODY, ...NOT_A_CALL, ...NOT_RECKONED, ...NO_TOKENS, pricebook_version: 'none' },
    ...{ tags: { missing_events: String(events) }, held_nano: 0, overrun_nano: 0, outcome: 'correction' },
    ...amounts,
  }
}
