import type { SealOwner } from '../key/seal.ts'

const ID = /^svc_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** A service credential's id as callers see it, and as the `kid` of its tokens. */
export function shownServiceId(id: string): string {
  return `svc_${id}`
}

/** The stored id behind a shown one; `undefined` for a text that is none. */
export function storedServiceId(shown: string): string | undefined {
  return ID.exec(shown)?.[1]
}

/** What the secret of a service credential is sealed to: it opens in no other row. */
export function serviceSealOwner({ tenantId, id }: { tenantId: string; id: string }): SealOwner {
  return { tenantId, keyId: `service_credential:${id}` }
}

/** The same of an agent's credential. */
export function agentSealOwner({ tenantId, id }: { tenantId: string; id: string }): SealOwner {
  return { tenantId, keyId: `agent_credential:${id}` }
}
