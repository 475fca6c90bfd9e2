import type { SealOwner } from '../key/seal.ts'

/** What a header's value is sealed to: it opens for no other MCP server, and under no other name. */
export function headerOwner(server: { tenantId: string; id: string }, name: string): SealOwner {
  return { tenantId: server.tenantId, keyId: `${server.id}/${name.toLowerCase()}` }
}
