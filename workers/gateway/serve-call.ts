import { readBody } from '../contracts/read-body.ts'
import { callName, onceName } from '../core/call/call-name.ts'
import { admitCall } from './admit-call.ts'
import { answerStream } from './answer-stream.ts'
import { answerWhole } from './answer-whole.ts'
import { attribute } from './attribute.ts'
import { authenticate } from './authenticate.ts'
import type { AdmittedCall, Call } from './call.ts'
import { callProvider } from './call-provider.ts'
import { handOver } from './hand-over.ts'
import { holdOpen } from './hold-open.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { parseBody } from './parse-body.ts'
import type { GatewayPorts } from './ports.ts'
import { saysStream, unmasked } from './unmasked.ts'
import type { WireAt } from './wires/wire-at.ts'

/**
 * One call, in order, on whatever wire it came. Every line is a stage, and every stage is a file beside this one. A call that has to
 * outlive its client, or to be sent once, goes the same way in an object that hosts it.
 */
export async function serveCall(call: Call, { wire, path }: WireAt, ports: GatewayPorts): Promise<Response> {
  const key = authenticate(call.request.headers, ports)
  const host = (name: string) => ports.callHost(key.ref, name)
  const onceKey = ports.isCallHost ? undefined : idempotencyKeyOf(call.request.headers)
  if (onceKey) return handOver(call, host(onceName(key.ref, onceKey)), call.request.body)
  const attribution = attribute(call.request.headers)
  const body = await readBody(call.request, ports.settings.maxBodyBytes)
  const ask = wire.read({ raw: parseBody(body.text), bytes: body.bytes, path })
  const admitted = await admitCall({ call, key, ask, attribution }, ports)
  if (admitted === 'elsewhere') return handOver(call, host(callName(key.ref, call.id)), body.text)
  return answer(admitted, ports)
}

function isStream(response: Response): response is Response & { body: ReadableStream<Uint8Array> } {
  return response.ok && response.body !== null && saysStream(response)
}

// The hold is kept open for as long as the provider may be billing.
async function answer(admitted: AdmittedCall, ports: GatewayPorts): Promise<Response> {
  const letGo = holdOpen(admitted, ports)
  let ended: Promise<void> = Promise.resolve()
  try {
    const answered = await callProvider(admitted, ports)
    const upstream = admitted.ask.isStream ? await unmasked(answered) : answered
    // What was not asked to be a stream is read whole, whatever it says of itself.
    if (!admitted.ask.isStream || !isStream(upstream)) return await answerWhole(admitted, upstream, ports)
    const streaming = answerStream(admitted, upstream, ports)
    ended = streaming.ended
    return streaming.response
  } finally {
    ports.after(ended.finally(letGo))
  }
}
