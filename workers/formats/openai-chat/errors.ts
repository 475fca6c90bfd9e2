import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { Json, WireError } from '../codec.ts'
import { given } from '../given.ts'

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function codeOf({ code, type }: Json, status: number): string {
  return textOf(code) ?? textOf(type) ?? String(plainNumber(code) ?? status)
}

/**
 * The error of a vendor on this wire: under `error`, as OpenAI has it, a bare text there, or with its members at the top
 * (Mistral, Cerebras). `undefined` where nothing says what went wrong.
 */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const { error, ...top } = asRecord(body)
  const told = typeof error === 'object' && error !== null ? asRecord(error) : top
  const message = textOf(told.message) ?? textOf(error) ?? textOf(top.detail)
  if (message === undefined) return undefined
  const param = told.param === null ? null : textOf(told.param)
  return given({ status, code: codeOf(told, status), message, type: textOf(told.type), param })
}

const TYPES: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
}

/** OpenAI's error object. */
export function encodeError({ status, code, message, type, param }: WireError): Json {
  const kind = type ?? TYPES[status] ?? (status >= 500 ? 'server_error' : 'invalid_request_error')
  return { error: { message, type: kind, param: param ?? null, code } }
}
