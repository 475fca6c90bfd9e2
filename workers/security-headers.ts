const HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // What is not a page of ours is no page at all, whatever a provider's answer may hold.
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

/** What every answer says to browsers, but for what it says itself. */
export function securityHeaders(own: Headers): [name: string, value: string][] {
  return Object.entries(HEADERS).filter(([name]) => !own.has(name))
}
