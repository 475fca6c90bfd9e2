type WireError = { message: string; type: string; code: string | null; headers?: Record<string, string> }

const RATE_LIMIT = {
  'retry-after': '7',
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '7s',
}

const ERRORS: ReadonlyMap<number, WireError> = new Map([
  [400, { message: 'The mock refuses this request.', type: 'invalid_request_error', code: null }],
  [401, { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' }],
  [404, { message: 'The model does not exist.', type: 'invalid_request_error', code: 'model_not_found' }],
  [429, { message: 'Rate limit reached.', type: 'requests', code: 'rate_limit_exceeded', headers: RATE_LIMIT }],
  [500, { message: 'The mock had an error.', type: 'server_error', code: null }],
  [503, { message: 'The mock is overloaded.', type: 'server_error', code: null }],
])

const UNKNOWN: WireError = { message: 'Error.', type: 'server_error', code: null }

/** An error of that HTTP status in OpenAI's shape, with `message` in place of its usual text where given. */
export function errorAnswer(status: number, message?: string): Response {
  const { headers = {}, ...error } = ERRORS.get(status) ?? UNKNOWN
  const body = { error: { ...error, message: message ?? error.message, param: null } }
  return Response.json(body, { status, headers })
}
