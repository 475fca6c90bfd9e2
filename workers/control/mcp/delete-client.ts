import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { clientPath } from './read-client-input.ts'
import { changeClient } from './save-and-push.ts'

/** `DELETE /api/mcp/client/{id}`: no key may use it any more, and none remembers that it might. */
export async function deleteClient(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await changeClient(clientPath(c), { verb: 'delete', change: row => row }, ports)
  return c.json({ status: 'success', message: 'MCP client removed successfully' })
}
