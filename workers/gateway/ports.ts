import type { HealthEnd, Timed } from '../core/health/health-protocol.ts'
import type { IdSeal } from '../core/key/id-seal.ts'
import type { Jurisdiction, KeyRef } from '../core/key/key-text.ts'
import type { PresentedKey } from '../core/key/remembered-keys.ts'
import type { Meter } from '../core/quota/meter-protocol.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { ToolCall, ToolResult } from '../mcp/call-tool.ts'
import type { PlacedServer } from '../mcp/world.ts'
import type { Provider } from '../providers/port.ts'
import type { RetryBudget } from './attempts/retry-budget.ts'
import type { Condition } from './routing/balance.ts'
import type { SeenStandings } from './routing/seen-standings.ts'

/**
 * Times in milliseconds, sizes in bytes. `drainMs`: how long a stream is read on whose client has left; `loserMs`: a hedge that
 * lost. `idleMs`: how long a stream may say nothing.
 */
export type GatewaySettings = {
  holdMs: number
  drainMs: number
  loserMs: number
  idleMs: number
  /** Whether requests may name what is kept in accounts that tenants share: files, earlier responses. */
  sharesReferences: boolean
  maxBodyBytes: number
  maxFormBytes: number
  jurisdiction: Jurisdiction
}

/** Snapshots this isolate has seen. A hint only: the meter refuses to admit on an old one. */
export type SnapshotCache = {
  get(ref: KeyRef): KeySnapshot | undefined
  put(ref: KeyRef, snapshot: KeySnapshot): void
}

/** An object that can host a call: it lives on when the client and the Worker have gone. */
export type CallHost = { fetch(request: Request): Promise<Response> }

/** Follows a provider's attempts, and knows how it does. Nobody waits for it. */
export type ProviderWatch = {
  condition(nowMs: number): Condition
  begin(nowMs: number): void
  end(end: HealthEnd, timed: Timed): void
}

/** All that the data plane needs of the world, named for what it wants. */
export type GatewayPorts = {
  settings: GatewaySettings
  /** The providers that a key can be routed to: the deployment's, and its tenant's own in their place. */
  providersFor(owner: Pick<KeySnapshot, 'tenantId' | 'accounts'>): ReadonlyMap<string, Provider>
  snapshots: SnapshotCache
  standings: SeenStandings
  nowMs(): number
  /** From 0 to 1, evenly spread. */
  random(): number
  /** A UUIDv7 for a call that begins at `nowMs`. */
  newCallId(nowMs: number): string
  /** Makes and reads ids that are one virtual key's own. */
  ids: IdSeal
  readKey(text: string): PresentedKey | undefined
  /** One of a key's meters (see `core/quota/meter-part.ts`). */
  meter(ref: KeyRef, part?: string): Meter
  /** What is known of a provider's health to a tenant. */
  watch(tenantId: string, provider: Provider): ProviderWatch
  retries: RetryBudget
  /** The host of that name for a call of this key. */
  callHost(ref: KeyRef, name: string): CallHost
  /** Whether the call is with its host already. */
  isCallHost: boolean
  /** Calls a tool of an MCP server, once. Throws what is wrong with the server. */
  callMcpTool(server: PlacedServer, call: ToolCall): Promise<ToolResult>
  /** Keeps the Worker alive for a task that outlives the answer. */
  after(task: Promise<unknown>): void
  log(event: Record<string, unknown>): void
}
