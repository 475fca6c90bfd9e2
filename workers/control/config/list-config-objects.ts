import { listConfigObjects as listRows } from '../../db/config-objects.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { readKind, renderConfigObject } from './config-object-shape.ts'

/** `GET /v1/config/objects`: a page of what configuration files have made. */
export async function listConfigObjects(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const query = { tenantId: c.get('principal').tenantId, kind: readKind(c.req.query('kind')), ...page }
  const { rows, total } = await listRows(ports.db, query)
  return c.json(listBody(rows.map(renderConfigObject), total, page))
}
