import { z } from 'zod'
import { NewTenantInput } from '../../contracts/admin-tenant-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { normalEmail } from '../../core/sign-in/email.ts'
import { newTenantRow } from '../../db/find-tenant.ts'
import { insertTenant } from '../../db/insert-tenant.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { renderInvitation } from '../tenant/member-shape.ts'
import { newInvitation } from '../tenant/new-invitation.ts'
import { renderAdminTenant } from './admin-tenant-shape.ts'

/** `POST /v1/admin/tenants`: a tenant, and an invitation for its owner, which the operator passes on: no password goes that way. */
export async function createTenant(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: NewTenantInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { name, plan, owner_email: email } = await readJson(c.req.raw, body)
  const shard = await ports.shardForNew()
  const row = { ...newTenantRow({ id: asTenantId(ports.newId()), name, createdMs: ports.nowMs(), shard }), plan }
  const invited = { tenantId: row.id, email: normalEmail(email) ?? email, role: 'owner' } as const
  const { row: invitation, text: token } = await newInvitation(invited, ports)
  const resource = { type: 'tenant', id: row.id }
  const change = { action: 'tenant.create', resource, before: null, after: { ...row, invitation } } as const
  const isNew = await insertTenant(ports.db, { row, invitation }, auditRow(row.id, change, ports))
  if (!isNew) throw new GatewayError('already_exists', 'There is a tenant of this name.', { param: 'name' })
  const shown = { ...renderInvitation(invitation, ports.nowMs()), token }
  return c.json({ data: { ...renderAdminTenant(row), invitation: shown } }, 201)
}
