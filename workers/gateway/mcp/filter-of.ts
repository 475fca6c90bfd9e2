import type { McpFilter } from '../../core/mcp/decide-tool.ts'

// Empty is a list too: of none.
function listIn(headers: Headers, name: string): string[] | undefined {
  return headers
    .get(name)
    ?.split(',')
    .map(text => text.trim())
    .filter(text => text !== '')
}

/** What of MCP a request's headers say that it wants to have. They only take away from what its key may use. */
export function filterOf(headers: Headers): McpFilter {
  const clients = listIn(headers, 'x-bf-mcp-include-clients')
  const tools = listIn(headers, 'x-bf-mcp-include-tools')
  return { ...(clients && { clients }), ...(tools && { tools }) }
}
