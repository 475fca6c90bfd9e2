import type { McpClient, McpServer } from './mcp-client.ts'
import { findClient, readToolName, type ToolName } from './tool-name.ts'

/**
 * What a request says that it wants to have of MCP: names of clients, and `CLIENT-TOOL` or `CLIENT-*`. Absent: all. It can only
 * take away.
 */
export type McpFilter = { clients?: string[]; tools?: string[] }

/** Whether a tool may be called. `unknown`: it is nobody's here. `denied`: by the server's own list or the key's, or by the request. */
export type ToolDecision =
  | { kind: 'unknown' }
  | { kind: 'denied'; by: 'key' | 'request' }
  | { kind: 'allowed'; server: McpServer; tool: string }

const has = (list: readonly string[], name: string) => list.includes('*') || list.includes(name)

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

function names(entry: string, { client, tool }: ToolName): boolean {
  const named = readToolName(entry)
  return named !== undefined && same(named.client, client) && (named.tool === '*' || named.tool === tool)
}

function wants({ clients, tools }: McpFilter, name: ToolName): boolean {
  const hasClient = !clients || clients.some(one => one === '*' || same(one, name.client))
  return hasClient && (!tools || tools.some(one => one === '*' || names(one, name)))
}

/** Decides of one tool by its whole name: what no list names is denied. */
export function decideTool(text: string, clients: readonly McpClient[], filter: McpFilter): ToolDecision {
  const name = readToolName(text)
  const client = name && findClient(clients, name.client)
  if (!name || !client) return { kind: 'unknown' }
  const { server } = client
  if (!server || !has(server.tools, name.tool) || !has(server.keyTools, name.tool)) return { kind: 'denied', by: 'key' }
  return wants(filter, name) ? { kind: 'allowed', server, tool: name.tool } : { kind: 'denied', by: 'request' }
}
