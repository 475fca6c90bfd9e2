import { McpClientInput } from '../../contracts/mcp-client-input.ts'
import type { McpClientPath, McpClientRow } from '../../db/find-mcp-clients.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import { renderClient } from './render-client.ts'

/** The body of a create or an update. Throws as `readJson` does; a wrong type is `Invalid JSON`, as in the contract. */
export function readClientInput(c: ControlContext, ports: ControlPorts): Promise<McpClientInput> {
  const spec = { schema: McpClientInput, maxBytes: ports.maxBodyBytes, explain: () => 'Invalid JSON' }
  return readJson(c.req.raw, { ...spec, opaque: ['headers'] })
}

/** Which server a path names. */
export function clientPath(c: ControlContext): McpClientPath {
  return { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
}

/** The answer to a change of a server. */
export function tellChange(c: ControlContext, message: string, row: McpClientRow): Response {
  return c.json({ status: 'success', message, client: renderClient(row) }, 200, { etag: etagOf(row.version) })
}
