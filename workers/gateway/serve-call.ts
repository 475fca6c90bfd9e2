import { callName, onceName } from '../core/call/call-name.ts'
import { admitCall } from './admit-call.ts'
import { answerSound } from './answer-sound.ts'
import { answerStream } from './answer-stream.ts'
import { answerWhole } from './answer-whole.ts'
import { attribute } from './attribute.ts'
import { authenticate } from './authenticate.ts'
import type { AdmittedCall, Call } from './call.ts'
import { callProvider } from './call-provider.ts'
import { handOver } from './hand-over.ts'
import { holdOpen } from './hold-open.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import type { GatewayPorts } from './ports.ts'
import { readIncoming } from './read-incoming.ts'
import { saysStream, unmasked } from './unmasked.ts'
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
  const ask = at.wire.read(incoming)
  const admitted = await admitCall({ call, key, ask, attribution }, ports)
  if (admitted === 'elsewhere') return handOver(call, host(callName(key.ref, call.id)), body)
  return answer(admitted, ports)
}

type WithBody = Response & { body: ReadableStream<Uint8Array> }

function hasBody(response: Response): response is WithBody {
  return response.ok && response.body !== null
}

// A failure, though it is a 200.
function saysJson({ headers }: Response): boolean {
  return /json/.test(headers.get('content-type') ?? '')
}

function isStream(response: Response): response is WithBody {
  return hasBody(response) && saysStream(response)
}

// The hold is kept open for as long as the provider may be billing.
async function answer(admitted: AdmittedCall, ports: GatewayPorts): Promise<Response> {
  const letGo = holdOpen(admitted, ports)
  let ended: Promise<void> = Promise.resolve()
  try {
    const answered = await callProvider(admitted, ports)
    const upstream = admitted.ask.isStream ? await unmasked(answered) : answered
    const isSound = admitted.ask.isSound && hasBody(upstream) && !saysJson(upstream)
    // What was not asked to be a stream is read whole, whatever it says of itself.
    if (!isSound && !(admitted.ask.isStream && isStream(upstream))) return await answerWhole(admitted, upstream, ports)
    const streaming = isSound ? answerSound(admitted, upstream, ports) : answerStream(admitted, upstream, ports)
    ended = streaming.ended
    return streaming.response
  } finally {
    ports.after(ended.finally(letGo))
  }
}
