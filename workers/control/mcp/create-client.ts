import type { TenantId } from '../../core/access/tenant-id.ts'
import type { McpClientRow } from '../../db/find-mcp-clients.ts'
import { invalid } from '../governance/invalid.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { applyClient } from './apply-client.ts'
import { readClientInput, tellChange } from './read-client-input.ts'
import { saveAndPush } from './save-and-push.ts'

function blank(tenantId: TenantId, ports: ControlPorts): McpClientRow {
  const nowMs = ports.nowMs()
  return {
    ...{ tenantId, id: ports.newId(), name: '', transport: 'http', url: '', headers: [], tools: [] },
    ...{ allowOnAllKeys: false, isActive: true, timeoutMs: null, foundTools: null },
    ...{ version: 0, createdMs: nowMs, updatedMs: nowMs },
  }
}

/** `POST /api/mcp/client`. The server is not asked anything yet. */
export async function createClient(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readClientInput(c, ports)
  if (!input.connection_type) throw invalid('connection_type is required: http or sse')
  const after = await applyClient(blank(c.get('principal').tenantId, ports), input, ports)
  const row = await retryWhileStale(() => saveAndPush({ before: null, after, verb: 'create' }, ports))
  return tellChange(c, { message: 'MCP client added successfully', row }, ports)
}
