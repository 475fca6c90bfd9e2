import { findVersion, listVersions as listRows } from '../../db/pricebook-versions.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { renderVersion } from './render-version.ts'

/** `GET /v1/pricebook/versions`: those of the tenant's own, the newest first. */
export async function listVersions(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { versions, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(versions.map(renderVersion), total, page))
}

/** `GET /v1/pricebook/versions/:id`. */
export async function getVersion(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  const row = await findVersion(ports.db, path)
  if (!row) throw new GatewayError('not_found', 'There is no such version of the pricebook.')
  return c.json({ data: renderVersion(row) })
}
