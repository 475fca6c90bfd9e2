import { GatewayError } from '../errors/gateway-error.ts'
import type { StreamReader } from '../providers/port.ts'
import { answerHeaders } from './answer-headers.ts'
import { patienceOf } from './attempts/patience.ts'
import type { AdmittedCall } from './call.ts'
import { fuseOf } from './fuse.ts'
import { believed, estimateInput, ownCount } from './own-count.ts'
import type { GatewayPorts } from './ports.ts'
import { type PumpEnd, type PumpJob, pump } from './pump.ts'
import { type Ending, settleCall } from './settle-call.ts'
import { wireErrorOf } from './stream-error.ts'
import { StreamTap, type Tap } from './stream-tap.ts'
import { TranslatingTap } from './translating-tap.ts'

/** What reads a stream, and what says it. */
type Reading = { tap: Tap; reader: StreamReader }

// One whose usage has come is whole; of any other only its events can tell.
function isTold(reader: StreamReader): boolean {
  return reader.usage()?.isWhole === true || reader.hasEnded()
}

// Nothing, where only the end of the connection is missing.
function giveUp(admitted: AdmittedCall, { tap, reader }: Reading, idleMs: number): Uint8Array[] {
  if (isTold(reader)) return tap.end()
  const detail = `Provider '${admitted.route.provider.name}' has sent nothing for ${idleMs / 1000} s.`
  return tap.fail(wireErrorOf(new GatewayError('provider_silent', detail)))
}

/** How a stream ended, from what its reader has seen. */
export function streamEnding(admitted: AdmittedCall, reader: StreamReader, end: PumpEnd): Ending {
  const firstByteMs = end.firstByteAt === undefined ? null : Math.max(0, end.firstByteAt - admitted.call.startMs)
  const told = reader.usage()
  const success = end.isCut || ((end.isWhole || end.isSilent) && isTold(reader))
  const seen = { httpStatus: 200, firstByteMs, success }
  const usage = believed(admitted, told?.usage)
  if (told && usage) return { ...seen, outcome: told.isWhole ? 'ok' : 'estimated', usage }
  // What is made of pictures and sound cannot be counted, and all of it may be billed.
  const { outputTokens: most } = admitted.hold.ceiling
  return { ...seen, ...ownCount(admitted, admitted.ask.fixed ? most : Math.min(most, reader.countOutput())) }
}

/** A stream as its provider answered it; `held` was read of it already. */
type Opened = { head: Response & { body: ReadableStream<Uint8Array> }; held: Uint8Array[] }

type Ends = Pick<PumpJob, 'client' | 'clientGone' | 'drainMs'>

async function pumpAndSettle(
  admitted: AdmittedCall,
  { head, held }: Opened,
  { ports, ...ends }: Ends & { ports: GatewayPorts },
): Promise<void> {
  const { route, ask, translation } = admitted
  const reader = route.endpoint.dialect.streamReader()
  const { idleMs } = patienceOf(admitted, ports.settings)
  const tap = translation ? new TranslatingTap(reader, translation) : new StreamTap(reader, ask)
  const end = await pump({
    ...ends,
    upstream: head.body,
    held,
    tap,
    fuse: fuseOf(admitted, reader, ports),
    cutOff: () => tap.cutOff(estimateInput(admitted)),
    giveUp: () => giveUp(admitted, { tap, reader }, idleMs),
    idleMs,
    nowMs: ports.nowMs,
  })
  await settleCall(admitted, streamEnding(admitted, reader, end), ports)
}

/** Reads a stream on that nobody hears, as one whose client has left, and settles it. */
export function drainStream(admitted: AdmittedCall, opened: Opened, ports: GatewayPorts): Promise<void> {
  const client = new WritableStream<Uint8Array>()
  const ends = { client, clientGone: AbortSignal.abort(), drainMs: ports.settings.loserMs }
  return pumpAndSettle(admitted, opened, { ...ends, ports })
}

/** Starts passing a stream on and answers at once; `ended` settles it, in its own time. */
export function answerStream(
  admitted: AdmittedCall,
  opened: Opened,
  ports: GatewayPorts,
): { response: Response; ended: Promise<void> } {
  const { head } = opened
  const { readable, writable } = new IdentityTransformStream()
  const ends = { client: writable, clientGone: admitted.call.request.signal, drainMs: ports.settings.drainMs }
  const ended = pumpAndSettle(admitted, opened, { ...ends, ports })
  const headers = answerHeaders(head.headers, admitted, undefined)
  return { response: new Response(readable, { status: head.status, headers }), ended }
}
