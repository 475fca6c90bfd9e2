import { listApiKeys as listRows } from '../../db/list-api-keys.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { renderApiKey } from './render-api-key.ts'

/** `GET /v1/api-keys`: a page of the keys that were not deleted, expired ones included, the newest first. */
export async function listApiKeys(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { keys, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(keys.map(renderApiKey), total, page))
}
