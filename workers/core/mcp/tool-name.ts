import type { McpClient } from './mcp-client.ts'

/** A client's name and a tool's, as they are told apart. */
export type ToolName = { client: string; tool: string }

/** What `CLIENT-TOOL` names: there is no hyphen in the name of a client. `undefined` for what names no client's tool. */
export function readToolName(text: string): ToolName | undefined {
  const hyphen = text.indexOf('-')
  if (hyphen < 1 || hyphen === text.length - 1) return undefined
  return { client: text.slice(0, hyphen), tool: text.slice(hyphen + 1) }
}

/** The client of that name, in any case: two that differ in case alone there cannot be. */
export function findClient(clients: readonly McpClient[], name: string): McpClient | undefined {
  const lower = name.toLowerCase()
  return clients.find(client => client.name.toLowerCase() === lower)
}
