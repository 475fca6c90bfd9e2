import { listAgentCredentials as listRows } from '../../../db/agent-credentials.ts'
import type { ControlContext } from '../../http/env.ts'
import { listBody, readPage } from '../../http/page.ts'
import type { ControlPorts } from '../../ports.ts'
import { renderAgentCredential } from './render-agent-credential.ts'

/** `GET /v1/identity/agent-credentials`: a page of those that were not deleted, the newest first. */
export async function listAgentCredentials(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { rows, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(rows.map(renderAgentCredential), total, page))
}
