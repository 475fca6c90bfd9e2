import { findMcpClient } from '../../db/find-mcp-clients.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { clientNotFound } from './client-not-found.ts'
import { clientPath } from './read-client-input.ts'
import { changeClient } from './save-and-push.ts'

/**
 * `POST /api/mcp/client/{id}/refresh-tools`: asks the server what tools it has, and keeps what it says. That allows nothing.
 * Throws what is wrong with the server.
 */
export async function refreshTools(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = clientPath(c)
  const client = await findMcpClient(ports.db, path)
  if (!client) throw clientNotFound()
  const foundTools = await ports.listMcpTools(client)
  // Whoever changed the server meanwhile did not change what it says of itself.
  await changeClient(path, { verb: 'refresh', change: row => ({ ...row, foundTools }) }, ports)
  const message = 'MCP client tools refreshed successfully'
  return c.json({ status: 'success', message, tool_count: foundTools.length, tools: foundTools })
}
