import { nanoUsd } from '../../core/money/nano-usd.ts'
import { NO_USAGE, type Outcome } from '../../core/usage.ts'
import { describe } from '../../telemetry/log.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import type { HeldTool } from './hold-tool.ts'

/** How a call of a tool ended. `httpStatus`: what the caller is answered with. */
export type ToolEnd = { outcome: Outcome; success: boolean; httpStatus: number }

/** Tells the meter how a call ended, which cost nothing, and writes it down. Should that fail, its deadline does it. */
export async function settleTool(
  { meter, scopes, draft, attempt }: HeldTool,
  end: ToolEnd & { call: Call },
  ports: GatewayPorts,
): Promise<void> {
  const { call, ...ended } = end
  const nowMs = ports.nowMs()
  const latencyMs = Math.max(0, nowMs - call.startMs)
  const nothing = { usage: NO_USAGE, costNano: nanoUsd(0), costDetail: null, serviceTier: null, firstByteMs: null }
  const facts = {
    ...{ event: 'tool_call', request_id: call.requestId, call_id: call.id, tenant_id: draft.tenant_id },
    ...{ virtual_key_id: draft.virtual_key_id, tool: draft.model, latency_ms: latencyMs, outcome: end.outcome },
    status: end.httpStatus,
  }
  try {
    await meter.settle({ ...attempt, nowMs, ...ended, ...nothing, latencyMs, scopes, draft })
    ports.log(facts)
  } catch (cause) {
    ports.log({ ...facts, settle_failed: describe(cause) })
  }
}
