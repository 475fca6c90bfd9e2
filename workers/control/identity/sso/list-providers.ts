import { listProviders as listRows } from '../../../db/find-providers.ts'
import type { ControlContext } from '../../http/env.ts'
import { listBody, readPage } from '../../http/page.ts'
import type { ControlPorts } from '../../ports.ts'
import { renderProvider } from './render-provider.ts'

/** `GET /v1/identity/sso`: a page of the tenant's providers, the newest first. */
export async function listProviders(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { rows, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(rows.map(renderProvider), total, page))
}
