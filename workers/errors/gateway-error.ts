import { ERRORS, type ErrorCode, type ErrorSpec } from './catalogue.ts'

/** What an error may carry beside its text: the offending parameter, when to retry, facts for the caller. */
export type ErrorExtras = {
  param?: string
  retryAfterMs?: number
  /** Overrides the catalogue's status where a tenant wants another one. */
  status?: number
  /** Overrides the catalogue where the same refusal may or may not be worth retrying. */
  retry?: boolean
  details?: Record<string, unknown>
  /** What Bifrost's `extra_fields` say of the request (governance contract 2.2). */
  extraFields?: Record<string, string>
  /** More headers of the answer. */
  headers?: Record<string, string>
  cause?: unknown
}

/** The one error class. `detail` is for the caller; `cause` is for our log and never leaves. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly detail: string
  readonly extras: ErrorExtras

  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(`${code}: ${detail}`, { cause: extras.cause })
    this.code = code
    this.detail = detail
    this.extras = extras
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code]
  }

  get status(): number {
    return this.extras.status ?? this.spec.status
  }

  get canRetry(): boolean {
    return this.extras.retry ?? this.spec.retry
  }
}

/** Anything thrown, as a GatewayError: what we do not know becomes `internal` and says nothing of itself. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  return new GatewayError('internal', 'Something went wrong on our side; the request id identifies it.', {
    cause: thrown,
  })
}
