import type { McpConfigInput } from '../../contracts/virtual-key-input.ts'
import type { NamedMcpClient } from '../../db/find-named-accounts.ts'
import type { McpConfig } from '../../db/schema/keys.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'
import { checkNames } from './check-names.ts'
import { invalid } from './invalid.ts'

const MAX_TOOLS = 200
const MAX_TOOL_CHARS = 128

/** Refuses a list of tools that is too long or has a name twice, or `*` beside others. Throws `request_invalid`. */
export function checkTools(field: string, tools: string[], clientName: string): void {
  const owner = `mcp client ${clientName}`
  if (tools.length > MAX_TOOLS) throw invalid(`invalid ${field} for ${owner}: more than ${MAX_TOOLS} tools`)
  const odd = tools.find(tool => !/^[\x21-\x7e]+$/.test(tool) || tool.length > MAX_TOOL_CHARS)
  if (odd !== undefined) {
    const rule = `must be 1 to ${MAX_TOOL_CHARS} visible ASCII characters`
    throw invalid(`invalid ${field} for ${owner}: the name of a tool ${rule}`)
  }
  checkNames(field, tools, owner)
}

function namedClient(input: McpConfigInput, { mcpClients }: KnownProviders): NamedMcpClient | undefined {
  const { mcp_client_name: name, mcp_client_id: id } = input
  if (!name && !id) return undefined
  const lower = name?.toLowerCase()
  const client = mcpClients.find(one => (name ? one.name.toLowerCase() === lower : one.id === id))
  if (!client) throw invalid(`failed to get MCP client: there is none that is called ${name || id}`)
  return client
}

function findCurrent({ id }: McpConfigInput, client: NamedMcpClient | undefined, current: McpConfig[]) {
  if (typeof id !== 'number') return current.find(config => config.clientId === client?.id)
  const config = current.find(candidate => candidate.id === id)
  if (!config) throw invalid(`mcp config ${id} does not belong to this virtual key`)
  return config
}

function checkDistinct(configs: McpConfig[], { mcpClients }: KnownProviders): void {
  const ids = configs.map(config => config.clientId)
  const repeated = ids.find((id, index) => ids.indexOf(id) < index)
  if (repeated === undefined) return
  throw invalid(`duplicate mcp_client_name: ${mcpClients.find(client => client.id === repeated)?.name}`)
}

/**
 * A key's MCP configs after a change: `inputs` are all that shall be, each merged into the one that it names by `id`, else by its
 * server. What names no tools allows none. Throws `request_invalid`.
 */
export function applyMcpConfigs(current: McpConfig[], inputs: McpConfigInput[], known: KnownProviders): McpConfig[] {
  let lastId = Math.max(0, ...current.map(config => config.id))
  const configs = inputs.map(input => {
    const client = namedClient(input, known)
    const base = findCurrent(input, client, current)
    const clientId = client?.id ?? base?.clientId
    if (clientId === undefined) throw invalid('mcp_client_name is required in mcp_configs')
    const tools = input.tools_to_execute ?? base?.tools ?? []
    checkTools('tools_to_execute', tools, client?.name ?? known.mcpClients.find(one => one.id === clientId)?.name ?? '')
    return { id: base?.id ?? ++lastId, clientId, tools }
  })
  checkDistinct(configs, known)
  return configs
}
