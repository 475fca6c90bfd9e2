import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { applyClient } from './apply-client.ts'
import { clientPath, readClientInput, tellChange } from './read-client-input.ts'
import { changeClient } from './save-and-push.ts'

/** `PUT /api/mcp/client/{id}`: changes what the body names; `headers` and `tools_to_execute` replace all of theirs. */
export async function updateClient(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readClientInput(c, ports)
  const change = {
    verb: 'update',
    change: (row: Parameters<typeof applyClient>[0]) => applyClient(row, input, ports),
  } as const
  const row = await changeClient(clientPath(c), change, ports)
  return tellChange(c, { message: 'MCP client updated successfully', row }, ports)
}
