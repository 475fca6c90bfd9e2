import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId, type TenantId } from '../../core/access/tenant-id.ts'
import { type ApiKeyRow, findApiKey } from '../../db/find-api-key.ts'
import { noteApiKeyUse } from '../../db/note-api-key-use.ts'
import { isSameText } from '../http/is-same-text.ts'
import type { ControlPorts } from '../ports.ts'
import { credentialInvalid } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, type Verdict } from './verifier.ts'

/** How exactly `last_used_at` is known: more often, and each request would be a write. */
const USE_MS = 60_000

function isLive(row: ApiKeyRow, nowMs: number): boolean {
  return row.revokedMs === null && (row.expiresMs === null || row.expiresMs > nowMs)
}

// What a key may do was decided when it was made; should its role mean less since, it means less for the key too.
function scopesOf({ role, scopes }: ApiKeyRow) {
  return scopesOfRole(role).filter(scope => scopes.includes(scope))
}

async function noteUse(row: ApiKeyRow, tenantId: TenantId, ports: ControlPorts): Promise<void> {
  const nowMs = ports.nowMs()
  if (row.lastUsedMs !== null && row.lastUsedMs > nowMs - USE_MS) return
  await noteApiKeyUse(ports.db, { tenantId, id: row.id, nowMs }).catch(() => undefined)
}

/** Recognises the keys of `/v1/api-keys`. One that is unknown, expired or revoked is refused in the same words. */
export async function verifyApiKey({ secret, nowMs }: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const key = secret === undefined ? undefined : await ports.readKey('api', secret)
  if (!key) return NOT_MINE
  const tenantId = asTenantId(key.tenantId)
  const row = await findApiKey(ports.db, { tenantId, id: key.id })
  if (!row || !isLive(row, nowMs) || !(await isSameText(row.keyHash, key.hash))) {
    return { kind: 'refused', error: credentialInvalid('This is not a valid API key.') }
  }
  await noteUse(row, tenantId, ports)
  const { id, role } = row
  return { kind: 'principal', principal: { tenantId, kind: 'api_key', id, role, scopes: scopesOf(row) } }
}
