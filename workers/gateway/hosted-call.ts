import { CALL_ID_HEADER } from '../core/call/call-name.ts'
import { callStartMs } from '../core/usage.ts'
import { toGatewayError } from '../errors/gateway-error.ts'
import { describe } from '../telemetry/log.ts'
import { requestIdOf } from './attribute.ts'
import { authenticateFully } from './authenticate.ts'
import { type Call, continentOf } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { maxBytesOf } from './read-incoming.ts'
import { serveCall } from './serve-call.ts'
import type { Wire } from './wires/wire.ts'
import { type WireAt, wireAt } from './wires/wire-at.ts'

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
  /** The most bytes that its body may have. */
  maxBytes: number
  /** What a failure is answered with. */
  refuse(thrown: unknown): Response
  /** Whether a stream that ends in these bytes has been told whole. */
  endsWhole(tail: string): boolean
}

/** The data plane as an object hosts it, for the call that a Worker has handed over by this request. */
export function openHostedCall(request: Request, ports: GatewayPorts): HostedCall {
  const call = hostedCall(request)
  const at = wireOf(request)
  return {
    call,
    run: body => serveCall(body ? { ...call, request: withBody(request, body) } : call, at, ports),
    authenticate: async () => {
      await authenticateFully(call, ports)
    },
    maxBytes: maxBytesOf(at.wire, ports.settings),
    refuse: thrown => refuse(call, thrown, { wire: at.wire, ports }),
    endsWhole: tail => at.wire.endsWhole(tail),
  }
}

// Without the client's signal: others may be waiting for the same answer.
function withBody({ url, method, headers }: Request, body: Uint8Array): Request {
  return new Request(url, { method, headers, body })
}

function refuse({ id, requestId }: Call, thrown: unknown, { wire, ports }: Refusing): Response {
  const error = toGatewayError(thrown)
  const { cause } = error.extras
  const why = cause === undefined ? {} : { cause: describe(cause) }
  ports.log({ event: 'hosted_refusal', request_id: requestId, call_id: id, code: error.code, ...why })
  return wire.renderError(error, requestId)
}

type Refusing = { wire: Wire; ports: GatewayPorts }

// The Worker hands nothing over that came on no wire.
function wireOf({ url }: Request): WireAt {
  const at = wireAt(url)
  if (!at) throw new Error(`no wire at ${new URL(url).pathname}`)
  return at
}
