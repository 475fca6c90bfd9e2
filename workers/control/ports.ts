import type { ProviderDescription, RouteExplanation, RouteQuestion } from '../contracts/route-question.ts'
import type { PrincipalKind } from '../core/access/principal.ts'
import type { AccountSecret } from '../core/key/account-secret.ts'
import type { KeyKind } from '../core/key/key-text.ts'
import type { SealOwner } from '../core/key/seal.ts'
import type { McpServer, McpTool } from '../core/mcp/mcp-client.ts'
import type { AddressFlaw } from '../core/net/public-address.ts'
import type { PricedModel } from '../core/pricing/index.ts'
import type { RateStanding } from '../core/rate/take.ts'
import type { KeySnapshot, ProviderAccount, ScopeSnapshot } from '../core/snapshot.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { Databases } from '../db/shards.ts'
import type { ExportFilePorts } from './exports/export-ports.ts'
import type { SignInPorts } from './sign-in-ports.ts'

/** What a meter or a budget object knows of one limit in its current window `[startMs, endMs)`: `used` in the limit's own whole units. */
export type LimitUsage = { limitId: string; used: number; startMs: number; endMs: number }

/** All that the management API needs of the outside. */
export type ControlPorts = Pick<Databases, 'db' | 'eventsDb' | 'shardForNew' | 'shards'> & {
  /** UTC epoch milliseconds. */
  nowMs(): number
  /** A UUID v4. */
  newId(): string
  /** A UUID v7 of this instant: later ones sort after earlier ones. */
  newTimedId(nowMs: number): string
  /** Opens `POST /v1/setup`; `undefined` closes it. */
  setupToken: string | undefined
  /** Whether `POST /v1/setup` makes the first tenant alone, or any number of them. */
  setupMode: 'once' | 'open'
  /** Whether who shows no credential may manage the first tenant, from the same machine. */
  isOpen: boolean
  /** A new key's text, which is shown once, and the hash of it that is stored. */
  mintKey(kind: KeyKind, ids: { tenantId: string; id: string }): Promise<{ text: string; hash: string }>
  /** What a key's text says of itself, if this server made it. Says nothing of whether the key is still good. */
  readKey(kind: KeyKind, text: string): Promise<{ tenantId: string; id: string; hash: string } | undefined>
  /** The names of the deployment's own providers that tenants may use. */
  providers(): string[]
  /** The names of the vendors at which a tenant may have an account. */
  vendors(): string[]
  /** The models that a provider of the deployment's, or a vendor, has a price for. */
  models(sellerName: string): string[]
  /** The same with their prices. */
  pricedModels(sellerName: string): PricedModel[]
  /** A model at the prices that a provider of the deployment's, a vendor, or a price list of this name has for it. */
  pricedModel(sellerName: string, model: string): PricedModel | undefined
  /** Whether tenants may have this variable of the deployment used as a secret of theirs. */
  mayReferTo(variable: string): boolean
  /** A secret as it may be stored. */
  sealSecret(secret: AccountSecret, owner: SealOwner): Promise<string>
  /** What is stored, under the deployment's secret of today. */
  resealSecret(sealed: string, owner: SealOwner): Promise<string>
  /** Why the deployment does not call an address that a tenant gives; `undefined` where it does. */
  addressFlaw(address: string): AddressFlaw | undefined
  /** Gives a snapshot to its key's meter, which keeps the newest version it was given. */
  pushSnapshot(snapshot: KeySnapshot): Promise<void>
  readUsage(key: { tenantId: string; keyId: string }): Promise<LimitUsage[]>
  /** Gives a snapshot to its scope's budget object, which keeps the newest version it was given. */
  pushScope(snapshot: ScopeSnapshot): Promise<void>
  readScopeUsage(owner: { tenantId: string; scope: string }): Promise<LimitUsage[]>
  /** How a request of a key would be routed. Throws what is wrong with the question. */
  explainRoute(key: { tenantId: string; keyId: string }, question: RouteQuestion): Promise<RouteExplanation>
  /** All that a tenant with these accounts can have of providers. */
  describeProviders(tenantId: string, accounts: ProviderAccount[]): ProviderDescription[]
  /** What tools an MCP server of a tenant's says that it has. Throws what is wrong with it, in words for the tenant. */
  listMcpTools(server: McpServer & { tenantId: string; name: string }): Promise<McpTool[]>
  /** Has what a webhook is to be told sent. It may be woken again, and for nothing. */
  wakeWebhook(webhook: WebhookRef): Promise<void>
  /** Counts a request of a tenant's against its plan. */
  takeRequest(tenantId: string): Promise<RateStanding>
  /** Counts a question of a virtual key's about itself: not against its tenant's plan, which it could use up for others. */
  takeKeyRequest(key: { tenantId: string; keyId: string }): Promise<RateStanding>
  /** Counts a wrong credential of a client's, by its address. */
  noteFailure(address: string): Promise<RateStanding>
  /** How a client stands whose credentials may have been wrong; counts nothing. */
  readFailures(address: string): Promise<RateStanding>
  signIn: SignInPorts
  exports: ExportFilePorts
  /** Where browsers may call from at all, each tenant saying which of them in its name; `*`: anywhere that it says. */
  allowedOrigins: string[]
  /** The largest request body that is read, in bytes. */
  maxBodyBytes: number
}

/** In whose name a change is made, and by which request. */
export type Actor = {
  kind: PrincipalKind | 'setup_token' | 'anonymous' | 'sso_provider'
  id: string
  requestId: string
}

/** The ports of a route that may change something. Whatever writes asks for these, since each write says whose it is. */
export type ActingPorts = ControlPorts & {
  actor: Actor
  /** The caller's `If-Match`: what it wants to change only as it knows it. */
  ifMatch: string | undefined
  /** The hash of what a configuration file declares, where one makes the change. */
  configHash?: string | undefined
  /** The change is made and taken back: the caller asks whether it would be refused. */
  isTrial?: boolean
}
