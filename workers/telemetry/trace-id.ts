const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/

/**
 * The trace that a request belongs to: the caller's, where its `traceparent` names one, or else one of its own, made of the
 * UUID of the call. Source: W3C Trace Context, section 3.2.
 */
export function traceIdOf(headers: Headers, callId: string): string {
  return TRACEPARENT.exec(headers.get('traceparent') ?? '')?.[1] ?? callId.replaceAll('-', '')
}
