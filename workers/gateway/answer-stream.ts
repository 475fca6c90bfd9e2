import type { StreamReader } from '../providers/port.ts'
import { answerHeaders } from './answer-headers.ts'
import type { AdmittedCall } from './call.ts'
import { fuseOf } from './fuse.ts'
import { believed, estimateInput, ownCount } from './own-count.ts'
import type { GatewayPorts } from './ports.ts'
import { type PumpEnd, pump } from './pump.ts'
import { type Ending, settleCall } from './settle-call.ts'
import { StreamTap } from './stream-tap.ts'
import { TranslatingTap } from './translating-tap.ts'

/** How a stream ended, from what its reader has seen. */
export function streamEnding(admitted: AdmittedCall, reader: StreamReader, end: PumpEnd): Ending {
  const firstByteMs = end.firstByteAt === undefined ? null : Math.max(0, end.firstByteAt - admitted.call.startMs)
  const told = reader.usage()
  // One whose usage has come is whole; of any other only its events can tell.
  const success = end.isCut || (end.isWhole && (told?.isWhole === true || reader.hasEnded()))
  const seen = { httpStatus: 200, firstByteMs, success }
  const usage = believed(admitted, told?.usage)
  if (told && usage) return { ...seen, outcome: told.isWhole ? 'ok' : 'estimated', usage }
  // What is made of pictures and sound cannot be counted, and all of it may be billed.
  const { outputTokens: most } = admitted.hold.ceiling
  return { ...seen, ...ownCount(admitted, admitted.ask.fixed ? most : Math.min(most, reader.countOutput())) }
}

/** Starts passing a stream on and answers at once; `ended` settles it, in its own time. */
export function answerStream(
  admitted: AdmittedCall,
  { head, body }: { head: Response; body: ReadableStream<Uint8Array> },
  ports: GatewayPorts,
): { response: Response; ended: Promise<void> } {
  const { readable, writable } = new IdentityTransformStream()
  const reader = admitted.route.endpoint.dialect.streamReader()
  const keepsUsage = admitted.ask.keepsUsage
  const { translation } = admitted
  const tap = translation ? new TranslatingTap(reader, translation) : new StreamTap(reader, keepsUsage)
  const job = {
    upstream: body,
    client: writable,
    tap,
    fuse: fuseOf(admitted, reader, ports),
    cutOff: () => tap.cutOff(estimateInput(admitted)),
    clientGone: admitted.call.request.signal,
    drainMs: ports.settings.drainMs,
    nowMs: ports.nowMs,
  }
  const ended = pump(job).then(end => settleCall(admitted, streamEnding(admitted, reader, end), ports))
  const headers = answerHeaders(head.headers, admitted, undefined)
  return { response: new Response(readable, { status: head.status, headers }), ended }
}
