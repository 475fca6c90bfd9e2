import type { GatewayError } from './gateway-error.ts'

/** The headers of any failure: the request it belongs to, when to try again, in seconds, and those it brings itself. */
export function commonHeaders(error: GatewayError, requestId: string): Record<string, string> {
  const { retryAfterMs, headers } = error.extras
  return {
    ...headers,
    'x-request-id': requestId,
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
  }
}

/**
 * OpenAI's error object, with Bifrost's members beside it so that clients of both find what they look for.
 * `x-should-retry` is what the OpenAI SDKs obey before their own rules.
 */
export function renderOpenAI(error: GatewayError, requestId: string): Response {
  const { status } = error
  const { type, governanceType = type } = error.spec
  const { param = null, details, extraFields = {} } = error.extras
  const body = {
    error: { message: error.detail, type, param, code: error.code, ...(details && { details }) },
    type: governanceType,
    is_bifrost_error: false,
    status_code: status,
    extra_fields: extraFields,
  }
  const headers = { ...commonHeaders(error, requestId), 'x-should-retry': String(error.canRetry) }
  return Response.json(body, { status, headers })
}

/** Where and when something failed. */
export type FailedAt = { traceId: string; nowMs: number }

/** RFC 9457 problem details, the error body of the `/v1` management API. */
export function renderProblem(error: GatewayError, requestId: string, { traceId, nowMs }: FailedAt): Response {
  const { status } = error
  const { title } = error.spec
  const body = {
    type: `/docs/errors#${error.code}`,
    title,
    status,
    detail: error.detail,
    instance: `urn:request:${requestId}`,
    code: error.code,
    param: error.extras.param ?? null,
    request_id: requestId,
    trace_id: traceId,
    timestamp: new Date(nowMs).toISOString(),
    details: error.extras.details ?? {},
  }
  const headers = { ...commonHeaders(error, requestId), 'content-type': 'application/problem+json' }
  return Response.json(body, { status, headers })
}

// Of who is not known the contract has one word; what is wrong with the credential goes where it has room for more.
function governanceError({ status, detail, extras }: GatewayError) {
  const isUnknownCaller = status === 401 && extras.headers?.['www-authenticate'] !== undefined
  return isUnknownCaller ? { message: 'Unauthorized', error: detail } : { message: detail }
}

/** The error body of `/api/governance/*`, which is Bifrost's (governance contract 1.0). */
export function renderGovernance(error: GatewayError, requestId: string): Response {
  const { status } = error
  const body = { is_bifrost_error: false, status_code: status, error: governanceError(error), extra_fields: {} }
  return Response.json(body, { status, headers: commonHeaders(error, requestId) })
}
