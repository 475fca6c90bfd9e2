import type { HealthEnd } from '../../core/health/health-protocol.ts'

/** Why an attempt brought no answer. `retryAfterMs`: how long the provider asked to be left alone, where it did. */
export type Failure = {
  reason: 'unreachable' | 'timeout' | 'status' | 'broken' | 'unreadable' | 'key'
  status: number | null
  retryAfterMs: number | null
}

/** What may be done instead: the same again, the same with another key of the provider, another provider or model. */
export type Remedy = { retry: boolean; otherKey: boolean; fallBack: boolean }

const NONE: Remedy = { retry: false, otherKey: false, fallBack: false }
/** The request is at fault, and would be anywhere. */
const OWN_FAULT = new Set([400, 405, 409, 414, 415, 422, 431])
/** Whom the provider does not let in by this key. */
const KEY_FAULT = new Set([401, 402, 403])
const TOO_MANY = 429
/** What may pass, besides a provider's own failures (RFC 9110, section 15.5.9; RFC 8470, section 5.2). */
const MAY_PASS = new Set([408, 425])

function ofStatus(status: number): Remedy {
  if (OWN_FAULT.has(status)) return NONE
  if (KEY_FAULT.has(status)) return { retry: false, otherKey: true, fallBack: true }
  if (status === TOO_MANY) return { retry: true, otherKey: true, fallBack: true }
  // A model that is not there, a redirect, a body too large for this one: elsewhere perhaps, here never.
  return { retry: status >= 500 || MAY_PASS.has(status), otherKey: false, fallBack: true }
}

/** What may follow a failure. */
export function remedyOf({ reason, status }: Failure): Remedy {
  if (reason === 'key') return { retry: false, otherKey: true, fallBack: true }
  if (reason === 'status' && status !== null) return ofStatus(status)
  return { retry: true, otherKey: false, fallBack: true }
}

/**
 * What a failure says of its provider: a request or key at fault, and a limit, are told by one that is well; a key that does not
 * open was never tried there.
 */
export function verdictOn({ reason, status }: Failure): HealthEnd['verdict'] {
  if (reason === 'key') return 'untold'
  return reason === 'status' && status !== null && status !== 408 && status < 500 ? 'well' : 'ill'
}

function seconds(text: string | null, nowMs: number): number | null {
  if (!text) return null
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs)
}

/** What `retry-after-ms` or `retry-after` (RFC 9110, section 10.2.3) say, in milliseconds. */
export function retryAfterOf(headers: Headers, nowMs: number): number | null {
  const exact = headers.get('retry-after-ms')
  if (exact && /^\d+(\.\d+)?$/.test(exact)) return Number(exact)
  return seconds(headers.get('retry-after'), nowMs)
}

/** The failure of an answer that says it is one. */
export function failedAnswer({ status, headers }: Response, nowMs: number): Failure {
  return { reason: 'status', status, retryAfterMs: retryAfterOf(headers, nowMs) }
}
