import type { StreamReader } from '../providers/port.ts'
import { answerHeaders } from './answer-headers.ts'
import { patienceOf } from './attempts/patience.ts'
import type { AdmittedCall } from './call.ts'
import { believed, estimateOutput, ownCount } from './own-count.ts'
import type { GatewayPorts } from './ports.ts'
import { type PumpEnd, pump } from './pump.ts'
import { type Ending, settleCall } from './settle-call.ts'
import { PLAIN_SOUND, SoundTap } from './sound-tap.ts'
import { saysStream } from './unmasked.ts'

/** What a sound is called where its events do not say; MP3 unless another is asked for. Source: OpenAI API reference, Speech. */
const SOUND_TYPES: Record<string, string> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
}

type Heard = { reader: StreamReader; end: PumpEnd }

function endingOf(admitted: AdmittedCall, { reader, end }: Heard): Ending {
  const firstByteMs = end.firstByteAt === undefined ? null : Math.max(0, end.firstByteAt - admitted.call.startMs)
  const seen = { httpStatus: 200, firstByteMs, success: end.isWhole || end.isSilent }
  const usage = believed(admitted, reader.usage()?.usage)
  if (usage) return { ...seen, outcome: 'ok', usage }
  // Sound tells nothing of its tokens, and all that was held may be billed.
  return { ...seen, ...ownCount(admitted, estimateOutput(admitted, Number.MAX_SAFE_INTEGER)) }
}

// No wire has words for it in sound: where more was to come, the client has to see that it breaks off.
function giveUp(reader: StreamReader): Uint8Array[] {
  if (!reader.hasEnded()) throw new Error('the sound fell silent')
  return []
}

function soundHeaders(admitted: AdmittedCall, answer: Response): Record<string, string> {
  const headers = answerHeaders(answer.headers, admitted, undefined)
  const type = SOUND_TYPES[String(admitted.ask.raw.response_format ?? 'mp3')] ?? 'application/octet-stream'
  if (saysStream(answer)) headers['content-type'] = type
  return headers
}

/** Starts passing sound on and answers at once, as `answerStream` does; sound that comes in events is taken out of them. */
export function answerSound(
  admitted: AdmittedCall,
  answer: Response & { body: ReadableStream<Uint8Array> },
  ports: GatewayPorts,
): { response: Response; ended: Promise<void> } {
  const { readable, writable } = new IdentityTransformStream()
  const reader = admitted.route.endpoint.dialect.streamReader()
  const tap = saysStream(answer) ? new SoundTap(reader) : PLAIN_SOUND
  const job = {
    upstream: answer.body,
    client: writable,
    tap,
    cutOff: () => tap.cutOff(0),
    clientGone: admitted.call.request.signal,
    giveUp: () => giveUp(reader),
    drainMs: ports.settings.drainMs,
    idleMs: patienceOf(admitted, ports.settings).idleMs,
    nowMs: ports.nowMs,
  }
  const ended = pump(job).then(end => settleCall(admitted, endingOf(admitted, { reader, end }), ports))
  return { response: new Response(readable, { status: answer.status, headers: soundHeaders(admitted, answer) }), ended }
}
