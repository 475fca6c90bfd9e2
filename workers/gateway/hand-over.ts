import { CALL_ID_HEADER } from '../core/call/call-name.ts'
import type { Call } from './call.ts'
import type { CallHost } from './ports.ts'

/**
 * Hands a call to the object that hosts it, and answers what that answers. `body` is the request's: its stream where
 * nobody has read it yet, else its text.
 */
export function handOver(call: Call, host: CallHost, body: BodyInit | null): Promise<Response> {
  const { url, method, signal } = call.request
  const headers = new Headers(call.request.headers)
  headers.set(CALL_ID_HEADER, call.id)
  // Text that was decoded and is encoded again has lost its byte order mark.
  headers.delete('content-length')
  return host.fetch(new Request(url, { method, headers, body, signal }))
}
