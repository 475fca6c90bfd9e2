import { GatewayError, toGatewayError } from '../errors/gateway-error.ts'
import { answerHeaders } from './answer-headers.ts'
import type { AdmittedCall } from './call.ts'
import { believed, estimateOutput, ownCount } from './own-count.ts'
import type { GatewayPorts } from './ports.ts'
import { costOfEnding, type Ending, settleCall } from './settle-call.ts'
import { tellsFailure } from './tells-failure.ts'
import { translatedAnswer } from './translate.ts'

/** A whole answer as it came; `json` is `undefined` where it is none. */
type Whole = { status: number; body: ArrayBuffer; json: unknown }

function wholeOf({ status }: Response, body: ArrayBuffer): Whole {
  return { status, body, json: parsedJson(body) }
}

function parsedJson(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
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

async function readOrAssume(admitted: AdmittedCall, answer: Response, ports: GatewayPorts): Promise<ArrayBuffer> {
  try {
    return await answer.arrayBuffer()
  } catch (cause) {
    // The provider had answered and may have billed it all.
    const outcome = answer.ok ? 'assumed' : 'provider_error'
    ports.after(settleCall(admitted, { outcome, success: false, httpStatus: answer.status, firstByteMs: null }, ports))
    const detail = `Provider '${admitted.route.provider.name}' broke off its answer.`
    throw new GatewayError('provider_unreachable', detail, { cause })
  }
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

/** Passes a whole answer on, bytes and status as they are, with its true cost in the headers; settles it afterwards. */
export async function answerWhole(admitted: AdmittedCall, answer: Response, ports: GatewayPorts): Promise<Response> {
  const whole = wholeOf(answer, await readOrAssume(admitted, answer, ports))
  const said = say(admitted, whole)
  const firstByteMs = Math.max(0, ports.nowMs() - admitted.call.startMs)
  const told = endingOf(admitted, whole)
  const ending = { ...told, firstByteMs, success: told.success && !(said instanceof GatewayError) }
  ports.after(settleCall(admitted, ending, ports))
  if (said instanceof GatewayError) throw said
  const headers = answerHeaders(answer.headers, admitted, costOfEnding(admitted, ending))
  if (said.type) headers.set('content-type', said.type)
  return new Response(said.body, { status: said.status, headers })
}
