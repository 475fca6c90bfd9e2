import { listLimits as listRows } from '../../db/find-limits.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { showLimits } from './show-limits.ts'

/** `GET /v1/limits`: a page of the tenant's limits above the virtual key, in the order of their making. */
export async function listLimits(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const { tenantId } = c.get('principal')
  const page = readPage(query, 50)
  const { limits, total } = await listRows(ports.db, { tenantId, scope: query.scope || undefined, ...page })
  return c.json(listBody(await showLimits(tenantId, limits, ports), total, page))
}
