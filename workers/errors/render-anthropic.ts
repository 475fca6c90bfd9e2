import type { GatewayError } from './gateway-error.ts'
import { commonHeaders } from './render.ts'

/** What Anthropic calls a failure of a status. Source: Anthropic API reference, Errors. */
const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

/** Anthropic's error object, with Weir's code and details beside its members. `x-should-retry` is obeyed by its SDKs too. */
export function renderAnthropic(error: GatewayError, requestId: string): Response {
  const { status } = error
  const { param, details } = error.extras
  const type = TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const more = { code: error.code, ...(param !== undefined && { param }), ...(details && { details }) }
  const body = { type: 'error', error: { type, message: error.detail, ...more }, request_id: requestId }
  const headers = { ...commonHeaders(error, requestId), 'x-should-retry': String(error.canRetry) }
  return Response.json(body, { status, headers })
}
