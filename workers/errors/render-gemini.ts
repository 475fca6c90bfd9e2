import type { GatewayError } from './gateway-error.ts'
import { commonHeaders } from './render.ts'

/** What Google calls a failure of a status. Source: google.rpc.Code. */
const STATUSES: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** Google's error object, with Weir's code as the reason of its details. */
export function renderGemini(error: GatewayError, requestId: string): Response {
  const { status: code } = error
  const { param, details } = error.extras
  const metadata = { request_id: requestId, ...(param !== undefined && { param }) }
  const reason = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code, domain: 'weir', metadata }
  const status = STATUSES[code] ?? (code >= 500 ? 'INTERNAL' : 'FAILED_PRECONDITION')
  const body = { error: { code, message: error.detail, status, details: [reason, ...(details ? [details] : [])] } }
  return Response.json(body, { status: code, headers: commonHeaders(error, requestId) })
}
