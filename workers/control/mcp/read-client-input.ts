import { McpClientInput } from '../../contracts/mcp-client-input.ts'
import type { McpClientPath, McpClientRow } from '../../db/find-mcp-clients.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
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
export async function tellChange(
  c: ControlContext,
  told: { message: string; row: McpClientRow },
  ports: ControlPorts,
): Promise<Response> {
  const { message, row } = told
  return c.json(await withConfigHashes({ status: 'success', message, client: renderClient(row) }, c, ports), 200, {
    etag: etagOf(row.version),
  })
}
