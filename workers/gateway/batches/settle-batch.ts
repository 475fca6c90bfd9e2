import type { KeyRef } from '../../core/key/key-text.ts'
import { PRICEBOOK_VERSION, priceAt, sourceOf } from '../../core/pricing/index.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { callStartMs, type EventDraft, NO_ATTRIBUTION, NO_USAGE } from '../../core/usage.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type Account, askAccount } from '../files/account.ts'
import type { GatewayPorts } from '../ports.ts'
import { pricedFor } from '../priced-for.ts'
import { wireAt } from '../wires/wire-at.ts'
import type { BatchRef } from './batch-id.ts'
import { type BatchUsage, type OutputRule, readOutput } from './read-output.ts'

const HOUR_MS = 3_600_000
/** How long after it was last seen a batch is given before all that it could cost is assumed, and after it was made. */
const SLACK_MS = 2 * HOUR_MS
const HOLD_MS = 26 * HOUR_MS
/** How long after that it may still be settled at the truth. */
const LATE_MS = 24 * HOUR_MS
/** How a batch is when nothing more is billed for it. */
const ENDED = new Set(['completed', 'failed', 'expired', 'cancelled'])
const NOTHING: BatchUsage = { usage: NO_USAGE, costNano: 0, costDetail: null }

/** A batch as its provider told it. */
export type SeenBatch = {
  ref: BatchRef
  account: Account
  said: Record<string, unknown>
  key: KeyRef
  snapshot: KeySnapshot
}

function ruleOf({ ref, account, snapshot }: SeenBatch): OutputRule {
  const format = wireAt(`https://weir${ref.endpoint}`)?.wire.format
  const madeMs = callStartMs(ref.callId)
  const target = { provider: account.provider, model: ref.model }
  // An override that was made, or changed, after the batch is not of it.
  const priced = format && pricedFor(target, account.key, { format, snapshot, nowMs: madeMs, madeMs })
  const prices = priced && priceAt(priced, madeMs, 'batch')
  const dialect = format && account.provider.endpoints.get(format)?.dialect
  if (!priced || !prices || !dialect) throw new GatewayError('internal', 'A batch was made that has no price any more.')
  return { prices, source: sourceOf(priced), readUsage: dialect.readUsage }
}

async function usageOf(seen: SeenBatch): Promise<BatchUsage> {
  const { output_file_id: id } = seen.said
  if (typeof id !== 'string') return NOTHING
  const answer = await askAccount(seen.account, { method: 'GET', path: `/files/${encodeURIComponent(id)}/content` })
  if (!answer.ok || !answer.body)
    throw new GatewayError('provider_unreadable', 'The output of this batch cannot be read.')
  return readOutput(answer.body, ruleOf(seen))
}

// Never read: what is settled has a hold, or an event, that has its own.
function draftOf({ ref, account, snapshot }: SeenBatch): EventDraft {
  const { model } = ref
  return {
    ...NO_ATTRIBUTION,
    tenant_id: snapshot.tenantId,
    virtual_key_id: snapshot.keyId,
    request_id: ref.callId,
    provider: account.provider.name,
    model,
    requested_model: model,
    priced_model: model,
    pricebook_version: PRICEBOOK_VERSION,
    is_stream: false,
  }
}

// Whether it may be settled: it is held, or was assumed a short while ago.
async function isOpen({ ref, key }: SeenBatch, ports: GatewayPorts): Promise<boolean> {
  const nowMs = ports.nowMs()
  const endMs = callStartMs(ref.callId) + HOLD_MS
  const deadlineMs = Math.max(endMs, nowMs + SLACK_MS)
  const isHeld = await ports.meter(key, ref.part).extend({ callId: ref.callId, attempt: 1, deadlineMs })
  return isHeld || (nowMs >= endMs && nowMs < endMs + LATE_MS)
}

/**
 * Settles a batch that has ended at what its answers used: once, however often it is asked after. One that nobody asks after is
 * assumed to have cost all that it could, and made true if it is asked after within a day of that.
 */
export async function settleBatch(seen: SeenBatch, ports: GatewayPorts): Promise<void> {
  const { ref, said, key } = seen
  const attempt = { callId: ref.callId, attempt: 1 }
  if (!(await isOpen(seen, ports)) || !ENDED.has(String(said.status))) return
  const nowMs = ports.nowMs()
  const { usage, costNano, costDetail } = await usageOf(seen)
  const isBilled = costNano > 0
  await ports.meter(key, ref.part).settle({
    ...attempt,
    nowMs,
    outcome: said.status === 'completed' || isBilled ? 'ok' : 'provider_error',
    success: said.status === 'completed',
    usage,
    costNano,
    costDetail,
    serviceTier: 'batch',
    latencyMs: Math.max(0, nowMs - callStartMs(ref.callId)),
    firstByteMs: null,
    httpStatus: 200,
    scopes: [],
    draft: draftOf(seen),
    onlyKnown: true,
  })
  ports.log({ event: 'batch', call_id: ref.callId, status: said.status, cost_nano: costNano })
}
