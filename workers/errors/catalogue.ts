/** One row of the catalogue. `type` is what `error.type` says on the wire; `retry` whether trying again can help. */
export type ErrorSpec = { status: number; title: string; type: string; retry: boolean }

/** Every error Weir can answer with. The code is public API: rows are added, never renamed. */
export const ERRORS = {
  json_malformed: { status: 400, title: 'Malformed JSON', type: 'invalid_request_error', retry: false },
  body_not_utf8: { status: 400, title: 'Body is not UTF-8', type: 'invalid_request_error', retry: false },
  body_too_large: { status: 413, title: 'Body too large', type: 'invalid_request_error', retry: false },
  request_invalid: { status: 400, title: 'Invalid request', type: 'invalid_request_error', retry: false },
  header_invalid: { status: 400, title: 'Invalid header', type: 'invalid_request_error', retry: false },
  key_missing: { status: 401, title: 'API key missing', type: 'authentication_error', retry: false },
  key_invalid: { status: 401, title: 'Invalid API key', type: 'authentication_error', retry: false },
  key_blocked: { status: 403, title: 'Virtual key blocked', type: 'virtual_key_blocked', retry: false },
  admin_required: { status: 403, title: 'Admin key required', type: 'permission_error', retry: false },
  provider_blocked: { status: 403, title: 'Provider not allowed', type: 'provider_blocked', retry: false },
  model_blocked: { status: 403, title: 'Model not allowed', type: 'model_blocked', retry: false },
  model_not_found: { status: 404, title: 'Model not found', type: 'invalid_request_error', retry: false },
  model_ambiguous: { status: 400, title: 'Model name is ambiguous', type: 'invalid_request_error', retry: false },
  price_unknown: { status: 400, title: 'Price unknown', type: 'invalid_request_error', retry: false },
  budget_exceeded: { status: 429, title: 'Budget exceeded', type: 'budget_exceeded', retry: false },
  token_limited: { status: 429, title: 'Token limit reached', type: 'token_limited', retry: true },
  request_limited: { status: 429, title: 'Request limit reached', type: 'request_limited', retry: true },
  not_found: { status: 404, title: 'Not found', type: 'invalid_request_error', retry: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', type: 'invalid_request_error', retry: false },
  already_exists: { status: 409, title: 'Already exists', type: 'invalid_request_error', retry: false },
  change_pending: { status: 503, title: 'Saved, not yet in force', type: 'server_error', retry: true },
  provider_unreachable: { status: 502, title: 'Provider unreachable', type: 'server_error', retry: true },
  meter_unavailable: { status: 503, title: 'Meter unavailable', type: 'server_error', retry: true },
  internal: { status: 500, title: 'Internal error', type: 'server_error', retry: true },
} as const satisfies Record<string, ErrorSpec>

/** The stable name of an error. */
export type ErrorCode = keyof typeof ERRORS
