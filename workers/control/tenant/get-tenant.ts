import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ControlPorts } from '../ports.ts'
import { requireTenant } from './change-tenant.ts'
import { renderTenant } from './tenant-shape.ts'

/** `GET /v1/tenant`: the caller's own. */
export async function getTenant(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await requireTenant(c.get('principal').tenantId, ports)
  return c.json({ data: renderTenant(row) }, 200, { etag: etagOf(row.version) })
}
