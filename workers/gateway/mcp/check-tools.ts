import { decideTool, type McpFilter } from '../../core/mcp/decide-tool.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Ask } from '../ask.ts'
import { filterOf } from './filter-of.ts'
import { namedTools } from './named-tools.ts'

/** The refusal of tools that a key, or the request itself, does not allow. */
export function toolBlocked(names: string[], by: 'key' | 'request', param: string): GatewayError {
  const whose = by === 'key' ? 'this virtual key' : 'this request, by its x-bf-mcp-include headers'
  const which = names.length === 1 ? `Tool '${names[0]}' is` : `Tools ${names.map(name => `'${name}'`).join(', ')} are`
  return new GatewayError('mcp_tool_blocked', `${which} not allowed for ${whose}.`, {
    param,
    details: { tools: names },
  })
}

function deniedIn(names: string[], { mcp = [] }: KeySnapshot, filter: McpFilter) {
  return names.flatMap(name => {
    const decision = decideTool(name, mcp, filter)
    return decision.kind === 'denied' ? [{ name, by: decision.by }] : []
  })
}

/**
 * Refuses a request that gives its model tools of an MCP server which its key may not use, by their names: none is left out in
 * silence. Tools that are no MCP server's are the caller's own, and pass.
 */
export function checkTools(snapshot: KeySnapshot, { raw }: Pick<Ask, 'raw'>, headers: Headers): void {
  if (!snapshot.mcp) return
  const denied = deniedIn(namedTools(raw), snapshot, filterOf(headers))
  const [first] = denied
  if (!first) return
  const alike = denied.filter(({ by }) => by === first.by).map(({ name }) => name)
  throw toolBlocked(alike, first.by, 'tools')
}
