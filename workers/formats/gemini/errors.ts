import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { Json, WireError } from '../codec.ts'
import { given } from './given.ts'

const INFO = 'type.googleapis.com/google.rpc.ErrorInfo'
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest'
/** Marks an `ErrorInfo` as made here: its reason is a code of ours, or of another vendor. */
const DOMAIN = 'weir'

/** google.rpc.Code by HTTP status, as Google maps them. */
const BY_STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function detailOf(details: unknown, type: string): Json {
  const list = Array.isArray(details) ? details.map(asRecord) : []
  return list.find(detail => detail['@type'] === type) ?? {}
}

function paramOf(details: unknown): string | undefined {
  const { fieldViolations } = detailOf(details, BAD_REQUEST)
  return textOf(asRecord(Array.isArray(fieldViolations) ? fieldViolations[0] : undefined).field)
}

// Google's `reason` is finer than its status (API_KEY_INVALID), as others' `type` and `code` are to each other.
function kindOf(details: unknown, status: string): { code: string; type?: string } {
  const { domain, reason, metadata } = detailOf(details, INFO)
  if (domain === DOMAIN) return { code: textOf(reason) ?? status, ...given({ type: textOf(asRecord(metadata).type) }) }
  return { code: status, ...given({ type: textOf(reason) }) }
}

/**
 * Google's error; `undefined` where the body is none. A stream without `alt=sse` has it in an array. `status` is for an
 * error that does not tell its own.
 */
export function decodeError(status: number, body: unknown): WireError | undefined {
  const { error } = asRecord(Array.isArray(body) ? body[0] : body)
  const { message, status: name, code, details } = asRecord(error)
  if (textOf(message) === undefined && textOf(name) === undefined) return undefined
  const told = plainNumber(code)
  const isHttp = told !== undefined && Number.isInteger(told) && told >= 400 && told < 600
  const kind = kindOf(details, textOf(name) ?? 'UNKNOWN')
  const param = paramOf(details)
  return { status: isHttp ? told : status, message: textOf(message) ?? '', ...kind, ...given({ param }) }
}

function nameOf(status: number): string {
  return BY_STATUS[status] ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL')
}

function detailsOf({ code, type, param, message }: WireError): Json[] {
  const info = { '@type': INFO, reason: code, domain: DOMAIN, metadata: given({ type }) }
  const violation = { '@type': BAD_REQUEST, fieldViolations: [{ field: param, description: message }] }
  return param ? [info, violation] : [info]
}

/** An error as Google gives it: its status by its number, and what it was in `details`. */
export function encodeError(error: WireError): Json {
  const { status, message } = error
  return { error: { code: status, message, status: nameOf(status), details: detailsOf(error) } }
}
