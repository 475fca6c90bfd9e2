import { z } from 'zod'
import { SetupInput } from '../../contracts/setup-input.ts'
import { asTenantId, type TenantId } from '../../core/access/tenant-id.ts'
import { findTenantByName, newTenantRow, type TenantRow } from '../../db/find-tenant.ts'
import { isSetUp } from '../../db/is-set-up.ts'
import { type AdminKeySaved, type NewAdminKey, saveAdminKey } from '../../db/save-admin-key.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { newOwner } from './new-owner.ts'

async function newKey(tenantId: TenantId, ports: ActingPorts): Promise<{ row: NewAdminKey['row']; text: string }> {
  const id = ports.newId()
  const { text, hash: keyHash } = await ports.mintKey('admin', { tenantId, id })
  const createdMs = ports.nowMs()
  return { text, row: { id, tenantId, name: 'setup', keyHash, role: 'owner', createdMs, revokedMs: null } }
}

const setupDone = () =>
  new GatewayError('setup_done', 'This deployment is set up already, and its setup token makes no more admin keys.')

function checkSaved(saved: AdminKeySaved): void {
  if (saved === 'done') throw setupDone()
  if (saved === 'email_taken') {
    throw new GatewayError('already_exists', 'There is an account with this address.', { param: 'owner.email' })
  }
}

async function tenantFor({ tenant_name: name, owner }: SetupInput, known: TenantRow | undefined, ports: ActingPorts) {
  if (known && owner)
    throw new GatewayError('already_exists', 'There is a tenant of this name.', { param: 'tenant_name' })
  if (known) return known
  const shard = await ports.shardForNew()
  return newTenantRow({ id: asTenantId(ports.newId()), name, createdMs: ports.nowMs(), shard })
}

async function issueKey(input: SetupInput, ports: ActingPorts) {
  const isFirst = ports.setupMode === 'once'
  const known = await findTenantByName(ports.db, input.tenant_name)
  const tenant = await tenantFor(input, known, ports)
  const newTenant = known ? undefined : tenant
  const { row, text } = await newKey(tenant.id, ports)
  const owner = input.owner && newOwner(tenant.id, input.owner, ports)
  const resource = { type: 'admin_key', id: row.id }
  const after = { ...row, tenant: newTenant, owner }
  const audit = auditRow(tenant.id, { action: 'admin_key.create', resource, before: null, after }, ports)
  const saved = await saveAdminKey(ports.db, { row, newTenant, owner, isFirst }, audit)
  checkSaved(saved)
  return saved === 'saved' ? { tenantId: tenant.id, text, isNew: newTenant !== undefined } : undefined
}

// Read before a password is hashed; what decides is the row that is written in the end.
async function checkOpen({ owner }: SetupInput, ports: ActingPorts): Promise<void> {
  if (ports.setupMode === 'open') return
  if (await isSetUp(ports.db)) throw setupDone()
  if (!owner) throw badParam('owner', 'given: who signs in first, with email and password')
}

/**
 * `POST /v1/setup`: the first tenant of a deployment, its owner and an admin key (201), once. Where setup is open: any tenant
 * and an admin key for it, and for a tenant that exists one more admin key (200).
 */
export async function setUp(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: SetupInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  await checkOpen(input, ports)
  const { tenantId, text, isNew } = await retryWhileStale(() => issueKey(input, ports))
  const data = { tenant_id: tenantId, tenant_name: input.tenant_name, admin_key: text }
  return c.json({ data }, isNew ? 201 : 200)
}
