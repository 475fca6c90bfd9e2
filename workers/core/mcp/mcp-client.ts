/** How an MCP server is spoken to: Streamable HTTP (since MCP 2025-03-26), or the older pair of an event stream and a POST. */
export const MCP_TRANSPORTS = ['http', 'sse'] as const

/** One of `MCP_TRANSPORTS`. */
export type McpTransport = (typeof MCP_TRANSPORTS)[number]

/** A header that an MCP server is asked with. `sealed` is what `AccountKey` says of it. */
export type McpHeader = { name: string; sealed: string }

/** Where an MCP server is, and what opens it. `timeoutMs`: `null` where nothing is said. */
export type McpServer = {
  id: string
  url: string
  transport: McpTransport
  headers: McpHeader[]
  timeoutMs: number | null
}

/**
 * One MCP server of a key's tenant. `server`: absent where the key may use nothing of it; it is named all the same, so that a
 * request which names its tools is refused. Both lists of tools must have a tool; `*` is all.
 */
export type McpClient = { name: string; server?: McpServer & { tools: string[]; keyTools: string[] } }

/** A tool as its server lists it. `parameters` is the JSON schema of its arguments. */
export type McpTool = { name: string; description?: string; parameters: Record<string, unknown> }
