import { z } from 'zod'
import { PlanInput, StatusInput } from '../../contracts/admin-tenant-input.ts'
import { asTenantId, type TenantId } from '../../core/access/tenant-id.ts'
import type { TenantRow } from '../../db/find-tenant.ts'
import { listTenants as listRows } from '../../db/list-tenants.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { changeTenant } from '../tenant/change-tenant.ts'
import { renderAdminTenant } from './admin-tenant-shape.ts'

// The operator acts for every tenant: the setup token was shown before any of these is reached.
function named(c: ControlContext): TenantId {
  return asTenantId(c.req.param('id') ?? '')
}

/** `GET /v1/admin/tenants`: a page of all, the oldest first. */
export async function listTenants(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { tenants, total } = await listRows(ports.db, page)
  return c.json(listBody(tenants.map(renderAdminTenant), total, page))
}

/** `PUT /v1/admin/tenants/:id/plan`: in force within a minute, since who counts requests believes a plan for so long. */
export async function setPlan(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: PlanInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { plan } = await readJson(c.req.raw, body)
  const change = (row: TenantRow) => ({ ...row, plan })
  const row = await changeTenant(named(c), { action: 'tenant.set_plan', change }, ports)
  return c.json({ data: renderAdminTenant(row) })
}

/** `PUT /v1/admin/tenants/:id/status`: the next request of any of its keys, and of anyone of it, is refused, or let in again. */
export async function setStatus(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: StatusInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { status } = await readJson(c.req.raw, body)
  const isActive = status === 'active'
  const change = (row: TenantRow) => ({ ...row, suspendedMs: isActive ? null : (row.suspendedMs ?? ports.nowMs()) })
  const action = isActive ? 'tenant.resume' : 'tenant.suspend'
  const row = await changeTenant(named(c), { action, change }, ports)
  return c.json({ data: renderAdminTenant(row) })
}
