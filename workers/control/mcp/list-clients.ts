import { listMcpClients } from '../../db/find-mcp-clients.ts'
import { clampLimit, wholeNumber } from '../governance/key-list-query.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { renderClient } from './render-client.ts'

/** `GET /api/mcp/clients`, in Bifrost's list envelope (contract 1.0). */
export async function listClients(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const isPaged = ['limit', 'offset', 'search'].some(name => name in query)
  const [size, offset] = [clampLimit(wholeNumber('limit', query.limit)), wholeNumber('offset', query.offset)]
  const page = { search: query.search ?? '', limit: isPaged ? size : -1, offset }
  const { clients, total } = await listMcpClients(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  const counts = { count: clients.length, total_count: total, limit: isPaged ? size : total, offset }
  return c.json(await withConfigHashes({ clients: clients.map(renderClient), ...counts }, c, ports))
}
