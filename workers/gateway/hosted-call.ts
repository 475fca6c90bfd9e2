import { CALL_ID_HEADER } from '../core/call/call-name.ts'
import { callStartMs } from '../core/usage.ts'
import { toGatewayError } from '../errors/gateway-error.ts'
import { renderOpenAI } from '../errors/render.ts'
import { describe } from '../telemetry/log.ts'
import { requestIdOf } from './attribute.ts'
import { authenticateFully } from './authenticate.ts'
import { type Call, continentOf } from './call.ts'
import { chatCompletion } from './chat-completion.ts'
import type { GatewayPorts } from './ports.ts'

/** The call that a Worker has handed over by this request. Its start is what its id says. */
function hostedCall(request: Request): Call {
  const id = request.headers.get(CALL_ID_HEADER) ?? ''
  const requestId = requestIdOf(request.headers, id)
  return { id, requestId, startMs: callStartMs(id), request, continent: continentOf(request) }
}

/** What an object that hosts calls may ask of the data plane, for one of them. */
export type HostedCall = {
  call: Call
  /** Sends it: the data plane from admission to settling. `body` takes the place of one that was read. Throws its refusal. */
  run(body?: Uint8Array): Promise<Response>
  /** Throws for a key that may not be used now; for what is answered without being admitted. */
  authenticate(): Promise<void>
  /** What a failure is answered with. */
  refuse(thrown: unknown): Response
}

/** The data plane as an object hosts it, for the call that a Worker has handed over by this request. */
export function openHostedCall(request: Request, ports: GatewayPorts): HostedCall {
  const call = hostedCall(request)
  return {
    call,
    run: body => chatCompletion(body ? { ...call, request: withBody(request, body) } : call, ports),
    authenticate: async () => {
      await authenticateFully(call, ports)
    },
    refuse: thrown => refuse(call, thrown, ports),
  }
}

// Without the client's signal: others may be waiting for the same answer.
function withBody({ url, method, headers }: Request, body: Uint8Array): Request {
  return new Request(url, { method, headers, body })
}

function refuse({ id, requestId }: Call, thrown: unknown, ports: GatewayPorts): Response {
  const error = toGatewayError(thrown)
  const { cause } = error.extras
  const why = cause === undefined ? {} : { cause: describe(cause) }
  ports.log({ event: 'hosted_refusal', request_id: requestId, call_id: id, code: error.code, ...why })
  return renderOpenAI(error, requestId)
}
