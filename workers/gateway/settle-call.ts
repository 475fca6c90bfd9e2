import type { NanoUsd } from '../core/money/nano-usd.ts'
import { nanoUsd } from '../core/money/nano-usd.ts'
import { type BillableUsage, serviceTierOf } from '../core/pricing/index.ts'
import { NO_USAGE, type Outcome, type Usage } from '../core/usage.ts'
import { describe } from '../telemetry/log.ts'
import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { explainUsage, priceUsage } from './price-usage.ts'

/** How a call ended, as far as the Worker saw it. `assumed`: it cannot be known, and the hold is charged. */
export type Ending = {
  outcome: Outcome
  success: boolean
  usage?: BillableUsage
  httpStatus: number | null
  firstByteMs: number | null
}

/** What an ending costs. Nothing but usage costs anything; an assumed one costs its hold. */
export function costOfEnding(admitted: AdmittedCall, ending: Ending): NanoUsd {
  if (ending.outcome === 'assumed') return nanoUsd(admitted.hold.need.nano_usd)
  return ending.usage ? priceUsage(admitted, ending.usage) : nanoUsd(0)
}

// What is written down beside the charge. Of an assumed one nothing is known.
function reckoningOf(admitted: AdmittedCall, { outcome, usage }: Ending) {
  if (outcome === 'assumed' || !usage) return { costDetail: null, serviceTier: null }
  const { serviceTier } = usage
  return {
    costDetail: explainUsage(admitted, usage),
    serviceTier: serviceTier === undefined ? null : serviceTierOf(serviceTier),
  }
}

function logCall(admitted: AdmittedCall, facts: Record<string, unknown>, ports: GatewayPorts): void {
  const { call, draft, attempt } = admitted
  const { tenant_id, virtual_key_id, provider, model, is_stream } = draft
  const named = { event: 'call', request_id: call.requestId, call_id: call.id, attempt: attempt.attempt }
  ports.log({ ...named, tenant_id, virtual_key_id, provider, model, is_stream, ...facts })
}

/** Tells the meter the truth. Should that fail for good, the hold's deadline does it at full cost, so nothing is lost. */
export async function settleCall(admitted: AdmittedCall, ending: Ending, ports: GatewayPorts): Promise<void> {
  const { attempt, scopes, draft, call } = admitted
  const nowMs = ports.nowMs()
  const costNano = costOfEnding(admitted, ending)
  const { outcome, success, httpStatus, firstByteMs, usage = NO_USAGE } = ending
  const latencyMs = Math.max(0, nowMs - call.startMs)
  const command = {
    ...attempt,
    nowMs,
    outcome,
    success,
    usage,
    costNano,
    ...reckoningOf(admitted, ending),
    latencyMs,
    firstByteMs,
    httpStatus,
    scopes,
    draft,
  }
  const facts = { outcome, status: httpStatus, latency_ms: latencyMs, cost_nano: costNano, ...tokens(usage) }
  try {
    await admitted.meter.settle(command)
    logCall(admitted, facts, ports)
  } catch (cause) {
    logCall(admitted, { ...facts, settle_failed: describe(cause) }, ports)
  }
}

function tokens(usage: Usage): Record<string, number> {
  return { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }
}
