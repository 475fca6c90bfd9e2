import { asRecord } from '../as-record.ts'
import type { Json, WireError } from '../codec.ts'

const TYPES = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])

/** The status that an error of this type has, for errors in a stream, which has none. 500 where the type is not known. */
export function statusOf(type: string): number {
  return [...TYPES].find(([, name]) => name === type)?.[0] ?? 500
}

function typeOf(status: number): string {
  return TYPES.get(status) ?? (status < 500 ? 'invalid_request_error' : 'api_error')
}

/** `{type: "error", error: {type, message, details?}}`; `undefined` where the body is something else. */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const { type, message, details } = asRecord(asRecord(body).error)
  if (typeof type !== 'string' || typeof message !== 'string') return undefined
  const { error_code, param } = asRecord(details)
  const code = typeof error_code === 'string' ? error_code : type
  return { status, code, message, type, ...(typeof param === 'string' && { param }) }
}

/** The type follows the status, which is what clients of this wire act by; a code of its own is where they look for one. */
export function encodeError({ status, code, message, param }: WireError): Json {
  const type = typeOf(status)
  const details = { error_code: code, ...(typeof param === 'string' && { param }) }
  return { type: 'error', error: { type, message, ...(code !== type && { details }) } }
}
