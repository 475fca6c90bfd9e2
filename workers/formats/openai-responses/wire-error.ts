import { asRecord } from '../as-record.ts'
import type { Json, WireError } from '../codec.ts'
import { given } from '../given.ts'

const STATUSES: Record<string, number> = {
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  server_is_overloaded: 503,
  slow_down: 503,
  model_not_found: 404,
}

/** What is wrong with the request itself; all else that fails in mid-answer is the vendor's fault. */
const OF_THE_REQUEST =
  /^(?:invalid_|image_|unsupported_|empty_image|failed_to_download|context_length|bio_policy|data_residency)/

/** The HTTP status of an error that is told in a stream, where only its code says what it is. */
export function statusOfCode(code: string): number {
  if (Object.hasOwn(STATUSES, code)) return STATUSES[code] ?? 500
  return OF_THE_REQUEST.test(code) ? 400 : 500
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A vendor's error object, with or without its envelope; `undefined` where there is none. */
export function readError(status: number, body: unknown): WireError | undefined {
  const { error = body } = asRecord(body)
  const { message, code, type, param } = asRecord(error)
  const said = textOf(message) ?? textOf(error)
  if (said === undefined) return undefined
  const name = textOf(type)
  const place = param === null ? null : textOf(param)
  return { status, code: textOf(code) ?? name ?? 'unknown', message: said, ...given({ type: name, param: place }) }
}

/** A vendor's error: its error object, or a response that has failed. */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const { object, error } = asRecord(body)
  if (object === 'response' && error == null) return undefined
  const told = readError(status, body)
  // A response that has failed comes with the status 200.
  return told && object === 'response' && status < 400 ? { ...told, status: statusOfCode(told.code) } : told
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

/** The error object of this wire. */
export function encodeError({ status, code, message, type, param = null }: WireError): Json {
  return { error: { message, type: type ?? typeOf(status), param, code } }
}
