import { GatewayError, toGatewayError } from '../errors/gateway-error.ts'
import { answerHeaders } from './answer-headers.ts'
import type { Attempt } from './attempts/attempt.ts'
import { type Failure, failedAnswer } from './attempts/failure.ts'
import type { Tried } from './attempts/tried.ts'
import type { AdmittedCall } from './call.ts'
import { withExtraFields } from './extra-fields.ts'
import { believed, estimateOutput, ownCount } from './own-count.ts'
import { costOfEnding, type Ending } from './settle-call.ts'
import { tellsFailure } from './tells-failure.ts'
import { translatedAnswer } from './translate.ts'

const BAD_GATEWAY = 502

/** A whole answer as it came; `json` is `undefined` where it is none. */
type Whole = { status: number; body: ArrayBuffer; json: unknown }

function wholeOf({ status }: Response, body: ArrayBuffer): Whole {
  return { status, body, json: parsedJson(body) }
}

const utf8 = new TextDecoder()

function parsedJson(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    return undefined
  }
}

function endingOf(admitted: AdmittedCall, { status, body, json }: Whole): Ending {
  const isOk = status >= 200 && status <= 299 && !tellsFailure(json)
  const seen = { httpStatus: status, firstByteMs: null, success: isOk }
  const usage = believed(admitted, admitted.route.endpoint.dialect.readUsage(json))
  if (!isOk) return { ...seen, outcome: 'provider_error', ...(usage && { usage }) }
  if (usage) return { ...seen, outcome: 'ok', usage }
  return { ...seen, ...ownCount(admitted, estimateOutput(admitted, body.byteLength)) }
}

// The provider had answered and may have billed it all.
function brokenOff(attempt: Attempt, answer: Response, cause: unknown): Tried {
  const { admitted, limit } = attempt
  const outcome = answer.ok ? 'assumed' : 'provider_error'
  const settled = attempt.settle({ outcome, success: false, httpStatus: answer.status, firstByteMs: null })
  const failure: Failure = { reason: limit.isOver ? 'timeout' : 'broken', status: null, retryAfterMs: null }
  attempt.judge(failure)
  const detail = `Provider '${admitted.route.provider.name}' broke off its answer.`
  const give = () => {
    throw new GatewayError('provider_unreachable', detail, { cause })
  }
  return { failure, give, drop: () => settled }
}

type Said = { status: number; body: BodyInit; type?: string }

// In the caller's words; a failure where nobody can read what the provider said.
function say({ translation }: AdmittedCall, { status, body }: Whole): Said | GatewayError {
  if (!translation) return { status, body }
  try {
    const said = translatedAnswer(translation, { status, body })
    return { status: said.status, body: JSON.stringify(said.body), type: 'application/json' }
  } catch (thrown) {
    return toGatewayError(thrown)
  }
}

type Heard = { answer: Response; said: Said | GatewayError; told: Ending }

function failureOf({ answer, said, told }: Heard, nowMs: number): Failure | undefined {
  if (said instanceof GatewayError) return { reason: 'unreadable', status: null, retryAfterMs: null }
  if (told.success) return undefined
  const failure = failedAnswer(answer, nowMs)
  // One that failed with a 200 is as good as a 502.
  return answer.ok ? { ...failure, status: BAD_GATEWAY } : failure
}

/**
 * Reads a whole answer, and settles it. It is passed on with its bytes and status as they are, and its true cost in the
 * headers.
 */
export async function answerWhole(attempt: Attempt, answer: Response): Promise<Tried> {
  const { admitted, ports } = attempt
  const read = await answer.arrayBuffer().catch(cause => ({ cause }))
  if ('cause' in read) return brokenOff(attempt, answer, read.cause)
  const whole = wholeOf(answer, read)
  const said = say(admitted, whole)
  const told = endingOf(admitted, whole)
  const ending = { ...told, firstByteMs: attempt.elapsedMs(), success: told.success && !(said instanceof GatewayError) }
  const failure = failureOf({ answer, said, told }, ports.nowMs())
  attempt.judge(failure)
  const settled = attempt.settle(ending)
  const give = () => {
    if (said instanceof GatewayError) throw said
    const headers = answerHeaders(answer.headers, admitted, costOfEnding(admitted, ending))
    if (said.type) headers['content-type'] = said.type
    const body = told.success ? withExtraFields(said.body, admitted) : said.body
    return new Response(body, { status: said.status, headers })
  }
  return { failure, give, drop: () => settled }
}
