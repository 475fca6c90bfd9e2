import type { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import { invalid } from './invalid.ts'

/** Refuses a team or customer: a key whose limits the caller believes shared must not run without them. */
export function checkOwner({ team_id, customer_id }: VirtualKeyInput): void {
  if (team_id && customer_id) throw invalid('VirtualKey cannot be attached to both Team and Customer')
  if (team_id) throw invalid('team_id is not available yet: teams come with a later release')
  if (customer_id) throw invalid('customer_id is not available yet: customers come with a later release')
}

/** Refuses MCP clients, which Weir does not have yet. */
export function checkMcpConfigs({ mcp_configs }: VirtualKeyInput): void {
  if (mcp_configs?.length) throw invalid('mcp_configs are not available yet: MCP clients come with a later release')
}
