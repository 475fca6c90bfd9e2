import type { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import { invalid } from './invalid.ts'

/** Refuses MCP clients, which Weir does not have yet. */
export function checkMcpConfigs({ mcp_configs }: VirtualKeyInput): void {
  if (mcp_configs?.length) throw invalid('mcp_configs are not available yet: MCP clients come with a later release')
}
