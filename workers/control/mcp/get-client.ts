import { findMcpClient } from '../../db/find-mcp-clients.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { clientNotFound } from './client-not-found.ts'
import { clientPath } from './read-client-input.ts'
import { renderClient } from './render-client.ts'

/** `GET /api/mcp/client/{id}`. */
export async function getClient(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findMcpClient(ports.db, clientPath(c))
  if (!row) throw clientNotFound()
  return c.json(await withConfigHashes(renderClient(row), c, ports), 200, { etag: etagOf(row.version) })
}
