import { createHash } from 'node:crypto'
import type { KeyRef } from '../key/key-text.ts'

/** The header by which a Worker tells a call object the id it gave the call; what a client sends in it is overwritten. */
export const CALL_ID_HEADER = 'x-weir-call-id'

const ONCE = 'idem'

/** The name of the object that hosts one call. Tenant and key first, so that no two of them can meet in one object. */
export function callName(ref: KeyRef, callId: string): string {
  return `${ref.tenantId}/${ref.id}/${callId}`
}

/** The name of the object that hosts every call of a key with one `Idempotency-Key`, of which only the hash is told. */
export function onceName(ref: KeyRef, idempotencyKey: string): string {
  return `${ref.tenantId}/${ref.id}/${ONCE}/${createHash('sha256').update(idempotencyKey).digest('hex')}`
}

/** Whether the object of this name answers one `Idempotency-Key`, and no call of its own. */
export function isOnceName(name: string): boolean {
  return name.split('/')[2] === ONCE
}
