import { z } from 'zod'
import { SetupInput } from '../../contracts/setup-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { findTenantByName, type TenantRow } from '../../db/find-tenant.ts'
import { type NewAdminKey, saveAdminKey } from '../../db/save-admin-key.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'

async function newKey(
  tenantId: TenantRow['id'],
  ports: ActingPorts,
): Promise<{ row: NewAdminKey['row']; text: string }> {
  const id = ports.newId()
  const { text, hash: keyHash } = await ports.mintKey('admin', { tenantId, id })
  const createdMs = ports.nowMs()
  return { text, row: { id, tenantId, name: 'setup', keyHash, role: 'owner', createdMs, revokedMs: null } }
}

async function issueKey(name: string, ports: ActingPorts) {
  const known = await findTenantByName(ports.db, name)
  const tenant = known ?? {
    id: asTenantId(ports.newId()),
    name,
    createdMs: ports.nowMs(),
    plan: null,
    allowedOrigins: null,
  }
  const newTenant = known ? undefined : tenant
  const tenantId = tenant.id
  const { row, text } = await newKey(tenantId, ports)
  const resource = { type: 'admin_key', id: row.id }
  const after = { ...row, tenant: newTenant }
  const audit = auditRow(tenantId, { action: 'admin_key.create', resource, before: null, after }, ports)
  const isSaved = await saveAdminKey(ports.db, { row, newTenant }, audit)
  return isSaved ? { tenantId, text, isNew: newTenant !== undefined } : undefined
}

/** `POST /v1/setup`: a tenant and an admin key for it (201); for a tenant that exists, one more admin key (200). */
export async function setUp(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: SetupInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { tenant_name: name } = await readJson(c.req.raw, body)
  const { tenantId, text, isNew } = await retryWhileStale(() => issueKey(name, ports))
  const data = { tenant_id: tenantId, tenant_name: name, admin_key: text }
  return c.json({ data }, isNew ? 201 : 200)
}
