import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { findAdminKey } from '../../db/find-admin-key.ts'
import { isSameText } from '../http/is-same-text.ts'
import type { ControlPorts } from '../ports.ts'
import { credentialInvalid } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, type Verdict } from './verifier.ts'

/** Recognises the keys that `POST /v1/setup` made. They are all owners, whatever their row was made with. */
export async function verifyAdminKey({ secret }: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const key = secret === undefined ? undefined : await ports.readKey('admin', secret)
  if (!key) return NOT_MINE
  const tenantId = asTenantId(key.tenantId)
  const row = await findAdminKey(ports.db, { tenantId, id: key.id })
  if (!row || row.revokedMs !== null || !(await isSameText(row.keyHash, key.hash))) {
    return { kind: 'refused', error: credentialInvalid('This is not a valid admin key.') }
  }
  const principal = { tenantId, kind: 'admin_key', id: row.id, role: 'owner', scopes: scopesOfRole('owner') } as const
  return { kind: 'principal', principal }
}
