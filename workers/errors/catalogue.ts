/**
 * One row of the catalogue. `type` is what `error.type` says on the wire; `retry` whether trying again can help; `hint` what
 * the caller can change.
 */
export type ErrorSpec = { status: number; title: string; type: string; retry: boolean; hint: string }

/** Every error Weir can answer with. The code is public API: rows are added, never renamed. */
export const ERRORS = {
  json_malformed: {
    status: 400,
    title: 'Malformed JSON',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Send one JSON object as the body.',
  },
  body_not_utf8: {
    status: 400,
    title: 'Body is not UTF-8',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Encode the body as UTF-8.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Send a smaller body, or raise MAX_BODY_BYTES of the deployment.',
  },
  request_invalid: {
    status: 400,
    title: 'Invalid request',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Change the field that `param` names.',
  },
  header_invalid: {
    status: 400,
    title: 'Invalid header',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Change the header that `param` names.',
  },
  key_missing: {
    status: 401,
    title: 'API key missing',
    type: 'authentication_error',
    retry: false,
    hint: 'Send a key: `Authorization: Bearer ...`.',
  },
  key_invalid: {
    status: 401,
    title: 'Invalid API key',
    type: 'authentication_error',
    retry: false,
    hint: 'Check the key: it was never made here, was rotated, or was deleted.',
  },
  key_blocked: {
    status: 403,
    title: 'Virtual key blocked',
    type: 'virtual_key_blocked',
    retry: false,
    hint: 'Ask an admin: the key is inactive or has expired.',
  },
  admin_required: {
    status: 403,
    title: 'Admin key required',
    type: 'permission_error',
    retry: false,
    hint: 'Use an admin key: a virtual key opens the data plane only.',
  },
  provider_blocked: {
    status: 403,
    title: 'Provider not allowed',
    type: 'provider_blocked',
    retry: false,
    hint: 'Use a provider this key may use, or have it allowed in `provider_configs`.',
  },
  model_blocked: {
    status: 403,
    title: 'Model not allowed',
    type: 'model_blocked',
    retry: false,
    hint: 'Use a model this key may use, or have it allowed in `allowed_models`.',
  },
  model_not_found: {
    status: 404,
    title: 'Model not found',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Use a model that GET /v1/models lists.',
  },
  model_ambiguous: {
    status: 400,
    title: 'Model name is ambiguous',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Write the provider before the name: `provider/model`.',
  },
  price_unknown: {
    status: 400,
    title: 'Price unknown',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Use a model or option whose price is known: what cannot be priced is refused.',
  },
  budget_exceeded: {
    status: 429,
    title: 'Budget exceeded',
    type: 'budget_exceeded',
    retry: false,
    hint: 'Wait until `details.resets_at`, lower `max_tokens`, or have the budget raised.',
  },
  token_limited: {
    status: 429,
    title: 'Token limit reached',
    type: 'token_limited',
    retry: true,
    hint: 'Wait for `Retry-After`, or lower `max_tokens`.',
  },
  request_limited: {
    status: 429,
    title: 'Request limit reached',
    type: 'request_limited',
    retry: true,
    hint: 'Wait for `Retry-After`.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Check the path and the id.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Use the method the message names.',
  },
  already_exists: {
    status: 409,
    title: 'Already exists',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Use another name.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key used for another request',
    type: 'invalid_request_error',
    retry: false,
    hint: 'Use a new `Idempotency-Key` for each new request: this one was sent with another body.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'Same request in progress',
    type: 'invalid_request_error',
    retry: true,
    hint: 'Wait for `Retry-After`: the answer is too long to be joined in the middle. Nothing was sent again.',
  },
  change_pending: {
    status: 503,
    title: 'Saved, not yet in force',
    type: 'server_error',
    retry: true,
    hint: 'Nothing: the change is saved and will be in force within a minute.',
  },
  provider_unreachable: {
    status: 502,
    title: 'Provider unreachable',
    type: 'server_error',
    retry: true,
    hint: 'Try again: the provider did not answer, and nothing was charged unless it had begun to.',
  },
  meter_unavailable: {
    status: 503,
    title: 'Meter unavailable',
    type: 'server_error',
    retry: true,
    hint: 'Try again: nothing was sent and nothing was charged.',
  },
  internal: { status: 500, title: 'Internal error', type: 'server_error', retry: true, hint: 'Report the request id.' },
} as const satisfies Record<string, ErrorSpec>

/** The stable name of an error. */
export type ErrorCode = keyof typeof ERRORS
