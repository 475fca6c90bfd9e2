import { GatewayError, toGatewayError } from '../../errors/gateway-error.ts'
import type { StreamReader } from '../../providers/port.ts'
import { answerSound } from '../answer-sound.ts'
import { answerStream, drainStream, streamEnding } from '../answer-stream.ts'
import { answerWhole } from '../answer-whole.ts'
import type { AdmittedCall } from '../call.ts'
import { outgoing } from '../call-provider.ts'
import { saysStream, unmasked } from '../unmasked.ts'
import type { Attempt } from './attempt.ts'
import type { Failure } from './failure.ts'
import { type Begun, untilFirstToken } from './first-token.ts'
import { patienceOf } from './patience.ts'
import type { Tried } from './tried.ts'

type Streaming = Response & { body: ReadableStream<Uint8Array> }

function hasBody(response: Response): response is Streaming {
  return response.ok && response.body !== null
}

function isStream(response: Response): response is Streaming {
  return hasBody(response) && saysStream(response)
}

// A failure is told in JSON, also with a 200.
function isSound(admitted: AdmittedCall, response: Response): response is Streaming {
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return admitted.ask.isSound === true && hasBody(response) && !isJson
}

function failed(
  attempt: Attempt,
  failure: Failure,
  { error, settled }: { error: unknown; settled: Promise<void> },
): Tried {
  attempt.judge(failure)
  const give = () => {
    throw error
  }
  return { failure, give, drop: () => settled }
}

function nowhere(reason: Failure['reason']): Failure {
  return { reason, status: null, retryAfterMs: null }
}

// A key that does not open has sent nothing; what else is wrong before anything is sent is the request's own fault.
function unsent(attempt: Attempt, thrown: unknown): Tried {
  const error = toGatewayError(thrown)
  const settled = attempt.release()
  if (error.code !== 'provider_key_unusable') {
    attempt.judge(nowhere('key'))
    throw error
  }
  return failed(attempt, nowhere('key'), { error, settled })
}

/** Who did not answer in time may still bill for it, so the hold is charged; whom nobody reached does not. */
function unanswered(attempt: Attempt, cause: unknown): Tried {
  const { name } = attempt.admitted.route.provider
  const isLate = attempt.limit.isOver
  const outcome = isLate ? 'assumed' : 'unreachable'
  const settled = attempt.settle({ outcome, success: false, httpStatus: null, firstByteMs: null })
  const why = isLate ? 'did not answer in time' : 'could not be reached'
  const error = new GatewayError('provider_unreachable', `Provider '${name}' ${why}.`, { cause })
  return failed(attempt, nowhere(isLate ? 'timeout' : 'unreachable'), { error, settled })
}

async function send(attempt: Attempt): Promise<Response | Tried> {
  const sent = await outgoing(attempt.admitted, attempt.limit.signal).catch(thrown => unsent(attempt, thrown))
  if ('failure' in sent) return sent
  const { endpoint } = attempt.admitted.route
  // A door that has no proof to show says so itself, and has sent nothing.
  return endpoint
    .call(sent.request, sent.access)
    .catch(thrown => (thrown instanceof GatewayError ? unsent(attempt, thrown) : unanswered(attempt, thrown)))
}

/** What a client hears of a stream that failed before its first token, where nothing came in its place. */
function lost({ admitted }: Attempt, { reason, status }: Failure): GatewayError {
  const why = {
    timeout: 'sent nothing in time',
    status: `failed before its first token (${status})`,
  }
  const { name } = admitted.route.provider
  const said = reason === 'timeout' || reason === 'status' ? why[reason] : 'broke off before its first token'
  return new GatewayError('provider_unreachable', `Provider '${name}' ${said}.`)
}

function readerOf({ admitted }: Attempt): StreamReader {
  return admitted.route.endpoint.dialect.streamReader()
}

/** Cuts a stream that nobody has heard, and charges what was seen of it; its hold where its time was over. */
function cut(attempt: Attempt, body: ReadableStream<Uint8Array>, reader: StreamReader): Promise<void> {
  body.cancel().catch(() => undefined)
  const end = { isWhole: false, isCut: false, isSilent: false, isClientGone: false, firstByteAt: undefined }
  const seen = streamEnding(attempt.admitted, reader, end)
  return attempt.settle(attempt.limit.isOver ? { ...seen, outcome: 'assumed' } : seen)
}

type Held = Begun['held']

function passOn(attempt: Attempt, head: Streaming, held: Held): Response {
  const { response, ended } = answerStream(attempt.admitted, { head, held }, attempt.ports)
  void attempt.endWith(ended)
  return response
}

/** A stream that goes on: given, to the client; dropped, for nobody, so that what it costs is heard. */
function streaming(attempt: Attempt, head: Streaming, held: Held = []): Tried {
  attempt.judge(undefined)
  const give = () => passOn(attempt, head, held)
  return {
    failure: undefined,
    give,
    drop: () => attempt.endWith(drainStream(attempt.admitted, { head, held }, attempt.ports)),
  }
}

/** One that failed before its first token. What it told of that itself, a client may hear in its words. */
function unbegun(attempt: Attempt, head: Streaming, { begun, failure }: { begun: Begun; failure: Failure }): Tried {
  attempt.judge(failure)
  let cutting: Promise<void> | undefined
  const drop = () => {
    cutting ??= cut(attempt, head.body, begun.reader)
    return cutting
  }
  const give = () => {
    if (!cutting && failure.reason === 'status') return passOn(attempt, head, begun.held)
    void drop()
    throw lost(attempt, failure)
  }
  return { failure, give, drop }
}

/** Sound: given, it goes on; dropped, it is cut. */
function sounding(attempt: Attempt, answer: Streaming): Tried {
  attempt.judge(undefined)
  const give = () => {
    const { response, ended } = answerSound(attempt.admitted, answer, attempt.ports)
    void attempt.endWith(ended)
    return response
  }
  return { failure: undefined, give, drop: () => cut(attempt, answer.body, readerOf(attempt)) }
}

async function begin(attempt: Attempt, answer: Streaming): Promise<Tried> {
  const begun = await untilFirstToken(answer.body, readerOf(attempt), () => attempt.hears())
  const failure = begun.failure && attempt.limit.isOver ? nowhere('timeout') : begun.failure
  return failure ? unbegun(attempt, answer, { begun, failure }) : streaming(attempt, answer, begun.held)
}

/**
 * Sends an admitted request, and reads its answer as far as it must be known before it can be given to the client: all of
 * a whole one, a stream up to its first token where something else could be done (`mayGoOn`), else up to its headers. Throws
 * what is the request's own fault, with nothing sent or held.
 */
export async function runAttempt(attempt: Attempt, mayGoOn: boolean): Promise<Tried> {
  const { admitted } = attempt
  const answered = await send(attempt)
  if ('failure' in answered) return answered
  if (isSound(admitted, answered)) return sounding(attempt, answered)
  const upstream = admitted.ask.isStream ? await unmasked(answered) : answered
  // What was not asked to be a stream is read whole, whatever it says of itself.
  if (!admitted.ask.isStream || !isStream(upstream)) return answerWhole(attempt, upstream)
  const isWaited = mayGoOn || patienceOf(admitted, attempt.ports.settings).firstTokenMs !== null
  return isWaited ? begin(attempt, upstream) : streaming(attempt, upstream)
}
