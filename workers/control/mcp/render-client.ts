import type { McpClientRow } from '../../db/find-mcp-clients.ts'

const iso = (ms: number) => new Date(ms).toISOString()

// No connection is held, so that none can be lost: a server whose tools are known was reached once.
function stateOf({ isActive, foundTools }: McpClientRow): 'disabled' | 'pending_tools' | 'connected' {
  if (!isActive) return 'disabled'
  return foundTools === null ? 'pending_tools' : 'connected'
}

/** An MCP server as Bifrost shows it; the values of its headers are masked. */
export function renderClient(row: McpClientRow) {
  const hasHeaders = row.headers.length > 0
  return {
    config: {
      client_id: row.id,
      ...{ name: row.name, connection_type: row.transport, connection_string: row.url },
      auth_type: hasHeaders ? ('headers' as const) : ('none' as const),
      headers: Object.fromEntries(row.headers.map(({ name, masked }) => [name, masked])),
      ...{ tools_to_execute: row.tools, tools_to_auto_execute: [] },
      allow_on_all_virtual_keys: row.allowOnAllKeys,
      tool_execution_timeout: (row.timeoutMs ?? 0) / 1000,
      is_code_mode_client: false,
      ...{ disabled: !row.isActive, is_active: row.isActive },
      ...{ config_hash: '', created_at: iso(row.createdMs), updated_at: iso(row.updatedMs) },
    },
    tools: row.foundTools ?? [],
    state: stateOf(row),
  }
}
