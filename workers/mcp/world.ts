import type { AccountSecret } from '../core/key/account-secret.ts'
import type { SealOwner } from '../core/key/seal.ts'
import type { McpServer } from '../core/mcp/mcp-client.ts'
import type { AddressFlaw } from '../core/net/public-address.ts'

/** A server with whose it is, and what it is called. */
export type PlacedServer = McpServer & { tenantId: string; name: string }

/** What MCP servers are reached with. */
export type McpWorld = {
  fetch(url: string, init: RequestInit): Promise<Response>
  /** A header's value, as it is sent. Throws where it cannot be had. */
  openSecret(sealed: string, owner: SealOwner): Promise<AccountSecret>
  addressFlaw(url: string): AddressFlaw | undefined
  /** Keeps alive what outlives the answer. */
  after(task: Promise<unknown>): void
}
