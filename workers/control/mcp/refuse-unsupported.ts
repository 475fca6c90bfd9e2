import type { McpClientInput } from '../../contracts/mcp-client-input.ts'
import { MCP_TRANSPORTS, type McpTransport } from '../../core/mcp/mcp-client.ts'
import { invalid } from '../governance/invalid.ts'

/** A body's `connection_type`. Throws `request_invalid` for one that cannot be here, and says why. */
export function readTransport(text: string): McpTransport {
  const known = MCP_TRANSPORTS.find(name => name === text)
  if (known) return known
  if (text !== 'stdio' && text !== 'inprocess') throw invalid(`invalid connection_type "${text}": must be http or sse`)
  throw invalid(
    `connection_type "${text}" is not available: a Worker starts no process. Serve the tools over http or sse`,
  )
}

const isFilled = (value: unknown) => value != null && Object.keys(value as object).length > 0

/** Fields of Bifrost's that are not here, by what they would do. */
const ABSENT: [keyof McpClientInput, string][] = [
  ['tools_to_auto_execute', 'Weir executes a tool only where it is asked to'],
  ['allowed_extra_headers', "a caller's headers go to no MCP server"],
  ['tool_pricing', 'a call of a tool costs nothing'],
  ['stdio_config', 'a Worker starts no process'],
  ['tls_config', 'only certificates of public authorities are trusted'],
  ['vk_configs', 'say in mcp_configs of a virtual key what it may use'],
]

/** Refuses what would promise something that is not done. Throws `request_invalid`. */
export function refuseUnsupported(input: McpClientInput): void {
  const { auth_type: auth, is_code_mode_client: isCode } = input
  if (auth && auth !== 'none' && auth !== 'headers') {
    throw invalid(`auth_type "${auth}" is not available: must be none or headers`)
  }
  if (isCode) throw invalid('is_code_mode_client is not available: models are given no code to run')
  const found = ABSENT.find(([name]) => isFilled(input[name]))
  if (found) throw invalid(`${found[0]} is not available: ${found[1]}`)
}
