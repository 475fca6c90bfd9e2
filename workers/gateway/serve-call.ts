import { callName, onceName } from '../core/call/call-name.ts'
import { admitCall } from './admit-call.ts'
import { serveAttempts } from './attempts/serve-attempts.ts'
import { wishOf, wishWith } from './attempts/wish.ts'
import { attribute } from './attribute.ts'
import { authenticate } from './authenticate.ts'
import type { Call } from './call.ts'
import { handOver } from './hand-over.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import type { GatewayPorts } from './ports.ts'
import { readIncoming } from './read-incoming.ts'
import { readResidency } from './residency.ts'
import { namingRule } from './routing/apply-rules.ts'
import type { WireAt } from './wires/wire-at.ts'

/**
 * One call, in order, on whatever wire it came. Every line is a stage, and every stage is a file beside this one. A call that has to
 * outlive its client, or to be sent once, goes the same way in an object that hosts it.
 */
export async function serveCall(call: Call, at: WireAt, ports: GatewayPorts): Promise<Response> {
  const key = authenticate(call.request.headers, ports)
  const host = (name: string) => ports.callHost(key.ref, name)
  const onceKey = ports.isCallHost ? undefined : idempotencyKeyOf(call.request.headers)
  if (onceKey) return handOver(call, host(onceName(key.ref, onceKey)), call.request.body)
  const attribution = attribute(call.request.headers)
  const { incoming, body } = await readIncoming(call.request, at, ports.settings)
  const wish = wishWith(wishOf(call.request.headers), incoming.raw)
  const ask = at.wire.read(incoming)
  const asking = { call, key, ask, attribution, wish, residency: readResidency(call.request.headers) }
  const admitted = await admitCall(asking, ports).catch(namingRule(asking))
  if (admitted === 'elsewhere') return handOver(call, host(callName(key.ref, call.id)), body)
  return serveAttempts(admitted, asking, ports).catch(namingRule(asking))
}
