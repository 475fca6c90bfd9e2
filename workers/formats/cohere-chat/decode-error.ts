import { asRecord } from '../as-record.ts'
import type { WireError } from '../codec.ts'
import { textOf } from '../read-sent.ts'

/** Cohere's names of its statuses, as its own clients name them. */
const CODE_OF = new Map<number, string>([
  [400, 'bad_request'],
  [401, 'unauthorized'],
  [402, 'payment_required'],
  [403, 'forbidden'],
  [404, 'not_found'],
  [422, 'unprocessable_entity'],
  [429, 'too_many_requests'],
  [498, 'invalid_token'],
  [499, 'client_closed_request'],
  [500, 'internal_server_error'],
  [501, 'not_implemented'],
  [503, 'service_unavailable'],
  [504, 'gateway_timeout'],
])

/** Cohere's error body, `{message}`, which names no code: the status does. `undefined` where there is no message. */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const message = textOf(asRecord(body).message)
  return message === '' ? undefined : { status, code: CODE_OF.get(status) ?? 'error', message }
}
