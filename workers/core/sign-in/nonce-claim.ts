/** A nonce that a request brings: it must be new, and is remembered up to and including `untilMs`. */
export type NonceClaim = { nonce: string; nowMs: number; untilMs: number }

/** The name of the object that remembers the nonces of one agent's credential. */
export function nonceName({ tenantId, id }: { tenantId: string; id: string }): string {
  return `agent:${tenantId}/${id}`
}
