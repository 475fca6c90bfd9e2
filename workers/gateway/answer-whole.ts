import { NO_USAGE, type Usage } from '../core/usage.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { answerHeaders } from './answer-headers.ts'
import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { costOfEnding, type Ending, settleCall } from './settle-call.ts'
import { translatedAnswer } from './translate.ts'

/** Bytes of English text to a token, about (domain guide, section 2); for answers that came without usage. */
const BYTES_PER_TOKEN = 4

/** Our own count of an input that the provider did not count. Never nothing. */
export function estimateInput(admitted: AdmittedCall): number {
  return Math.min(admitted.hold.ceiling.inputTokens, Math.max(1, Math.ceil(admitted.ask.bytes / BYTES_PER_TOKEN)))
}

function readUsage(admitted: AdmittedCall, body: ArrayBuffer): Usage | undefined {
  try {
    return admitted.route.endpoint.dialect.readUsage(JSON.parse(new TextDecoder().decode(body)))
  } catch {
    return undefined
  }
}

function endingOf(admitted: AdmittedCall, answer: Response, body: ArrayBuffer): Ending {
  const seen = { httpStatus: answer.status, firstByteMs: null, success: answer.ok }
  const usage = readUsage(admitted, body)
  if (!answer.ok) return { ...seen, outcome: 'provider_error', ...(usage && { usage }) }
  if (usage) return { ...seen, outcome: 'ok', usage }
  const outputTokens = Math.min(admitted.hold.ceiling.outputTokens, Math.ceil(body.byteLength / BYTES_PER_TOKEN))
  return { ...seen, outcome: 'estimated', usage: { ...NO_USAGE, inputTokens: estimateInput(admitted), outputTokens } }
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

function respond({ translation }: AdmittedCall, { status, headers, body }: Whole): Response {
  if (!translation) return new Response(body, { status, headers })
  headers.set('content-type', 'application/json')
  return new Response(JSON.stringify(translatedAnswer(translation, { status, body })), { status, headers })
}

type Whole = { status: number; headers: Headers; body: ArrayBuffer }

/** Passes a whole answer on, bytes and status as they are, with its true cost in the headers; settles it afterwards. */
export async function answerWhole(admitted: AdmittedCall, answer: Response, ports: GatewayPorts): Promise<Response> {
  const body = await readOrAssume(admitted, answer, ports)
  const ending = {
    ...endingOf(admitted, answer, body),
    firstByteMs: Math.max(0, ports.nowMs() - admitted.call.startMs),
  }
  ports.after(settleCall(admitted, ending, ports))
  const headers = answerHeaders(answer.headers, admitted, costOfEnding(admitted, ending))
  return respond(admitted, { status: answer.status, headers, body })
}
