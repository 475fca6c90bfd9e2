import { toGatewayError } from './errors/gateway-error.ts'
import type { renderProblem } from './errors/render.ts'
import { requestIdOf } from './gateway/attribute.ts'
import { type Call, continentOf } from './gateway/call.ts'
import type { GatewayPorts } from './gateway/ports.ts'
import { securityHeaders } from './security-headers.ts'
import { describe, logEvent } from './telemetry/log.ts'
import { traceIdOf } from './telemetry/trace-id.ts'

/** Says a failure in the words of a wire, or of an API. */
export type Render = typeof renderProblem

/** One request on its way through Weir. It leaves one line in the log: `isLogged` is whether that was written. */
export type Visit = { call: Call; path: string; traceId: string; isLogged: boolean }

/** A request comes in, and gets its ids. */
export function openVisit(request: Request, path: string, ports: Pick<GatewayPorts, 'nowMs' | 'newCallId'>): Visit {
  const startMs = ports.nowMs()
  const id = ports.newCallId(startMs)
  const requestId = requestIdOf(request.headers, id)
  const call = { id, requestId, startMs, request, continent: continentOf(request) }
  return { call, path, traceId: traceIdOf(request.headers, id), isLogged: false }
}

/** What a log line says of a failure, its cause among it. */
export function failureOf(thrown: unknown): Record<string, unknown> {
  const { code, extras } = toGatewayError(thrown)
  return { code, ...(extras.cause !== undefined && { cause: describe(extras.cause) }) }
}

/** Writes the line of a request. */
export function logVisit(visit: Visit, status: number, facts: Record<string, unknown> = {}): void {
  const { id, requestId, request } = visit.call
  visit.isLogged = true
  logEvent({
    event: 'request',
    request_id: requestId,
    call_id: id,
    trace_id: visit.traceId,
    method: request.method,
    path: visit.path,
    status,
    ...facts,
  })
}

/** Answers what was thrown, and logs it. */
export function refuse(visit: Visit, thrown: unknown, render: Render): Response {
  const error = toGatewayError(thrown)
  logVisit(visit, error.status, failureOf(error))
  return render(error, visit.call.requestId, { traceId: visit.traceId, nowMs: visit.call.startMs })
}

/** The answer with the headers that every answer has. */
export function sent({ call }: Visit, answer: Response): Response {
  const own = writable(answer)
  own.headers.set('x-request-id', call.requestId)
  for (const [name, value] of securityHeaders(own.headers)) own.headers.set(name, value)
  return own
}

// One that came from an object cannot be written to.
function writable(answer: Response): Response {
  try {
    answer.headers.delete('x-request-id')
    return answer
  } catch {
    return new Response(answer.body, answer)
  }
}
