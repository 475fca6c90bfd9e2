import { createHmac } from 'node:crypto'
import { V7Generator } from 'uuidv7'
import { z } from 'zod'
import { tellOfExport } from './accounting/exports/tell-of-export.ts'
import type { AccountingPorts } from './accounting/ports.ts'
import type { DeliveryPorts } from './accounting/webhooks/ports.ts'
import { SignInSettings, signInPorts } from './bind-sign-in.ts'
import { readDeclaredPrices } from './contracts/declared-prices.ts'
import type { ControlPorts } from './control/ports.ts'
import type { SignInPorts } from './control/sign-in-ports.ts'
import { PLANS } from './core/access/plan.ts'
import { downloadTokens } from './core/export/download-token.ts'
import { type HealthRef, healthName } from './core/health/health-protocol.ts'
import { writeSecret } from './core/key/account-secret.ts'
import { idSeal } from './core/key/id-seal.ts'
import { type Jurisdiction, type KeyRef, keyHash, keyRing } from './core/key/key-text.ts'
import { rememberedKeys } from './core/key/remembered-keys.ts'
import { sealer } from './core/key/seal.ts'
import { addressFlaw } from './core/net/public-address.ts'
import type { PricedModel } from './core/pricing/priced-model.ts'
import { CONTINENTS, type Continent, meterParts } from './core/quota/meter-part.ts'
import { type Budget, budgetName, type Meter, type MeterRef, meterName } from './core/quota/meter-protocol.ts'
import { addressGroup } from './core/rate/address-group.ts'
import type { RateCounter } from './core/rate/take.ts'
import { nonceName } from './core/sign-in/nonce-claim.ts'
import type { KeySnapshot } from './core/snapshot.ts'
import { type WebhookRef, webhookName } from './core/webhooks/webhook-ref.ts'
import { type EventsDb, openDatabase } from './db/database.ts'
import type { ExportRef } from './db/export-job.ts'
import { type Databases, shardedDatabases } from './db/shards.ts'
import { GatewayError } from './errors/gateway-error.ts'
import { RetryBudget } from './gateway/attempts/retry-budget.ts'
import { describeProviders } from './gateway/explain/describe-providers.ts'
import { explainRoute } from './gateway/explain/explain-route.ts'
import type { CallHost, GatewayPorts, ProviderWatch, SnapshotCache } from './gateway/ports.ts'
import { SeenStandings } from './gateway/routing/seen-standings.ts'
import { ProviderHealth } from './health-client.ts'
import { callTool } from './mcp/call-tool.ts'
import { listTools } from './mcp/list-tools.ts'
import type { McpWorld } from './mcp/world.ts'
import { meterClient } from './meter-client.ts'
import type { Fetch } from './providers/http/http-provider.ts'
import { secretOpener } from './providers/open-secret.ts'
import type { Provider } from './providers/port.ts'
import { pricedModelAt, pricedModelsAt } from './providers/priced-models.ts'
import { configuredProviders } from './providers/registry.ts'
import { tenantProviders } from './providers/tenant-accounts.ts'
import { PRICED_VENDORS, VENDORS } from './providers/vendors.ts'
import type { WorkersAi } from './providers/workers-ai/binding-provider.ts'
import { SettleRides } from './settle-rides.ts'
import { logEvent } from './telemetry/log.ts'

const whole = z.coerce.number().int().positive()

/** What a deployment sets: `[vars]` of wrangler.toml, and secrets. Unset secrets of providers leave them unconfigured. */
const Settings = z.looseObject({
  WEIR_SECRET: z.string().min(32, 'set it to at least 32 random characters: wrangler secret put WEIR_SECRET'),
  WEIR_SETUP_TOKEN: z.string().min(16).optional(),
  JURISDICTION: z.enum(['none', 'eu', 'us']),
  HOLD_MS: whole,
  DRAIN_MS: whole,
  IDLE_MS: whole,
  MAX_BODY_BYTES: whole,
  MAX_FORM_BYTES: whole,
  MOCK_PROVIDER: z.enum(['on', 'off']),
  DEFAULT_PLAN: z.enum(PLANS),
  SETUP_MODE: z.enum(['once', 'open']).default('once'),
  /** Whether who shows nothing may manage the first tenant by `/api/*`, from the same machine. */
  GOVERNANCE_OPEN: z.enum(['on', 'off']).default('off'),
  /** Origins with commas between them, or `*`. */
  ALLOWED_ORIGINS: z.string(),
  /** The secret before the one of today: what was made or sealed under it goes on being good. */
  WEIR_SECRET_PREVIOUS: z.string().min(32).optional(),
  /** Whether tenants may use the deployment's own providers. */
  SHARED_PROVIDERS: z.enum(['on', 'off']).default('on'),
  /** Whether tenants may name what is kept in the deployment's own accounts: where there is one tenant, or all trust each other. */
  SHARED_REFERENCES: z.enum(['on', 'off']).default('off'),
  /** Variables that any tenant may refer to by `env.NAME`, and so read: see docs/provider-keys.md. */
  TENANT_ENV_KEYS: z
    .string()
    .default('')
    .transform(list => list.split(',').map(name => name.trim()))
    .refine(names => !names.some(name => name.startsWith('WEIR_')), "Weir's own secrets cannot be lent to tenants"),
  /** Whether tenants may have private addresses and plain HTTP called: on a machine of one's own. */
  ALLOW_PRIVATE_UPSTREAMS: z.enum(['on', 'off']).default('off'),
  CUSTOM_PRICES: z.string().optional(),
  /** How many days events stay in D1 before they go into the archive, where their tenant says nothing else. */
  EVENT_RETENTION_DAYS: z.coerce.number().int().min(2).max(3650).default(90),
  /** In how many databases tenants' events are: `DB`, and `DB_SHARD_1` to the one below this number. */
  DB_SHARDS: whole.max(100).default(1),
  /** How long the endpoint of a webhook is waited for. */
  WEBHOOK_TIMEOUT_MS: whole.default(10_000),
})

/** The most snapshots an isolate remembers; the oldest makes room. */
const MAX_SNAPSHOTS = 10_000

function snapshotCache(): SnapshotCache {
  const known = new Map<string, KeySnapshot>()
  const nameOf = (ref: KeyRef) => `${ref.tenantId}/${ref.id}/${ref.jurisdiction}`
  return {
    get: ref => known.get(nameOf(ref)),
    put(ref, snapshot) {
      known.delete(nameOf(ref))
      known.set(nameOf(ref), snapshot)
      const [oldest] = known.keys()
      if (known.size > MAX_SNAPSHOTS && oldest) known.delete(oldest)
    },
  }
}

/** The most providers an isolate watches, one for each tenant; the oldest makes room, and is learned of anew. */
const MAX_WATCHED = 10_000

function providerWatches(env: Env, jurisdiction: Jurisdiction): (ref: HealthRef) => ProviderWatch {
  const isolate = crypto.randomUUID()
  const known = new Map<string, ProviderHealth>()
  const connect = (name: string) => () => {
    const all = jurisdiction === 'none' ? env.HEALTH : env.HEALTH.jurisdiction(jurisdiction)
    return all.getByName(name)
  }
  return ref => {
    const name = healthName(ref)
    const watch = known.get(name) ?? new ProviderHealth(isolate, connect(name))
    known.set(name, watch)
    const [oldest] = known.keys()
    if (known.size > MAX_WATCHED && oldest) known.delete(oldest)
    return watch
  }
}

// Not in the generated Env: wrangler.toml binds it only where a deployment wants it. What is bound as AI is that binding.
function boundAi(env: Env & { AI?: WorkersAi }): { workersAi?: WorkersAi } {
  return env.AI ? { workersAi: env.AI } : {}
}

// Only the local server binds it (scripts/serve/runtime.mjs), and binds a network or nothing.
function outboundOf(env: Env): Fetch {
  const { OUTBOUND } = env as { OUTBOUND?: Fetcher }
  return OUTBOUND ? (url, init) => OUTBOUND.fetch(url, init) : globalThis.fetch.bind(globalThis)
}

// The same for addresses that tenants gave: unless private ones are allowed, a network without them, whatever a name resolves to.
function tenantsOutboundOf(env: Env, allowPrivate: boolean): Fetch {
  const { PUBLIC_OUTBOUND } = env as { PUBLIC_OUTBOUND?: Fetcher }
  if (allowPrivate || !PUBLIC_OUTBOUND) return outboundOf(env)
  return (url, init) => PUBLIC_OUTBOUND.fetch(url, init)
}

// Not in the generated Env: wrangler.toml binds as many as a deployment wants.
function shardOf(env: Env, number: number): EventsDb {
  const name = `DB_SHARD_${number}`
  const bound = (env as Env & Record<string, unknown>)[name]
  if (!bound) throw new Error(`DB_SHARDS says that there is a database ${name}, and none is bound: see docs/shards.md`)
  // The name is that of a database of ours, as DB is.
  return openDatabase(bound as D1Database)
}

function databasesOf(env: Env, shards: number): Databases {
  const others = Array.from({ length: shards - 1 }, (_, index) => shardOf(env, index + 1))
  return shardedDatabases(openDatabase(env.DB), others, Date.now)
}

/** What an isolate builds once from its Env. */
function deploymentOf(env: Env) {
  const settings = Settings.parse(env)
  const ids = new V7Generator()
  const ring = keyRing(settings.WEIR_SECRET, settings.WEIR_SECRET_PREVIOUS)
  const rides = new SettleRides()
  const meter = (ref: KeyRef, part?: string) => {
    const name = meterName({ tenantId: ref.tenantId, keyId: ref.id, part })
    return meterClient(name, () => connectMeter(env, name, { ...ref, part }), rides)
  }
  const secrets = settings as Record<string, unknown> as Record<string, string | undefined>
  const fetch = outboundOf(env)
  const declared = readDeclaredPrices(settings.CUSTOM_PRICES, PRICED_VENDORS)
  const mock = settings.MOCK_PROVIDER === 'on'
  const own = configuredProviders({ mock, secrets, declared, ...boundAi(env) }, fetch)
  const providers = settings.SHARED_PROVIDERS === 'on' ? own : new Map<string, Provider>()
  const seals = sealer(settings.WEIR_SECRET, settings.WEIR_SECRET_PREVIOUS)
  const allowPrivate = settings.ALLOW_PRIVATE_UPSTREAMS === 'on'
  const tenantsFetch = tenantsOutboundOf(env, allowPrivate)
  const mayReferTo = (name: string) => settings.TENANT_ENV_KEYS.includes(name)
  // By its type too: a binding is no secret, and could be listed by mistake.
  const variable = (name: string) => (mayReferTo(name) && typeof secrets[name] === 'string' ? secrets[name] : undefined)
  let databases: Databases | undefined
  const openSecret = secretOpener({ sealer: seals, variable })
  return {
    /** Made where they are first asked for: requests to models need none. */
    databases: () => {
      databases ??= databasesOf(env, settings.DB_SHARDS)
      return databases
    },
    settings,
    ring,
    readKey: rememberedKeys(text => {
      const ref = ring.read('virtual', text)
      return ref && { ref, hash: keyHash(text) }
    }),
    addressFlaw: (address: string) => addressFlaw(address, { allowPrivate }),
    /** For addresses that tenants gave. */
    tenantsFetch,
    openSecret,
    signIn: signInPorts(SignInSettings.parse(env)),
    ids: idSeal(settings.WEIR_SECRET),
    snapshots: snapshotCache(),
    standings: new SeenStandings(),
    providers,
    providersFor: tenantProviders({ fetch: tenantsFetch, shared: providers, declared, openSecret }),
    seals,
    mayReferTo,
    watchOf: providerWatches(env, settings.JURISDICTION),
    retries: new RetryBudget(),
    newCallId: (nowMs: number) => ids.generateOrResetWithTs(nowMs).toString(),
    settled: (of: { tenantId: string; keyId?: string }) => rides.quiet(`${of.tenantId}/${of.keyId ?? ''}`),
    meter,
    budgetOf: (owner: { tenantId: string; scope: string }) => connectBudget(env, owner, settings.JURISDICTION),
    /** A meter of a key that is named by its ids: in this deployment's own jurisdiction. */
    meterOf: ({ tenantId, keyId, part }: MeterRef) =>
      meter({ tenantId, id: keyId, jurisdiction: settings.JURISDICTION }, part),
  }
}

// workerd has no jurisdictions and throws where one is asked for, so a local deployment is of none.
function connectMeter(
  env: Env,
  name: string,
  { jurisdiction, part }: { jurisdiction: Jurisdiction; part: string | undefined },
): Meter {
  const meters = jurisdiction === 'none' ? env.METER : env.METER.jurisdiction(jurisdiction)
  const locationHint = hintOf(part)
  const near = locationHint && { locationHint }
  return meters.getByName(name, near)
}

/** Where a continent's meter shall live; it is told on every call, since the first one makes the object. */
const HINTS: Record<Continent, DurableObjectLocationHint> = {
  af: 'afr',
  an: 'oc',
  as: 'apac',
  eu: 'weur',
  na: 'enam',
  oc: 'oc',
  sa: 'sam',
}

function hintOf(part: string | undefined): DurableObjectLocationHint | undefined {
  const continent = CONTINENTS.find(one => part?.startsWith(`${one}.`))
  return continent && HINTS[continent]
}

function connectBudget(env: Env, owner: { tenantId: string; scope: string }, jurisdiction: Jurisdiction): Budget {
  const budgets = jurisdiction === 'none' ? env.BUDGET : env.BUDGET.jurisdiction(jurisdiction)
  return budgets.getByName(budgetName(owner))
}

// The first meter first: it may have to hand over what it owns.
async function pushToAll(snapshot: KeySnapshot, meterOf: (ref: MeterRef) => Meter): Promise<void> {
  const { tenantId, keyId } = snapshot
  const [first, ...others] = meterParts(snapshot.meters).map(part => meterOf({ tenantId, keyId, part }))
  await first?.putSnapshot(snapshot)
  await Promise.all(others.map(meter => meter.putSnapshot(snapshot)))
}

const deployments = new WeakMap<Env, ReturnType<typeof deploymentOf>>()

function deployment(env: Env): ReturnType<typeof deploymentOf> {
  const known = deployments.get(env) ?? deploymentOf(env)
  deployments.set(env, known)
  return known
}

function connectCall(env: Env, ref: KeyRef, name: string): CallHost {
  const calls = ref.jurisdiction === 'none' ? env.CALL : env.CALL.jurisdiction(ref.jurisdiction)
  return calls.getByName(name)
}

/** What keeps a task alive after the answer. */
type Lifetime = Pick<ExecutionContext, 'waitUntil'>

/** The data plane's ports for the calls that an object hosts; a client that has left is read on for `drainMs`. */
export function hostPorts(env: Env, ctx: Lifetime, drainMs: number): GatewayPorts {
  const ports = gatewayPorts(env, ctx)
  return { ...ports, isCallHost: true, settings: { ...ports.settings, drainMs } }
}

function mcpWorld(env: Env, ctx: Lifetime): McpWorld {
  const { tenantsFetch: fetch, openSecret, addressFlaw } = deployment(env)
  return { fetch, openSecret, addressFlaw, after: task => ctx.waitUntil(task) }
}

/** What the data plane needs of the world, but for the request's own lifetime: the same for all requests. */
type LastingPorts = Omit<GatewayPorts, 'after' | 'callMcpTool'>

const lastingPorts = new WeakMap<Env, LastingPorts>()

function madeLastingPorts(env: Env): LastingPorts {
  const { settings, readKey, ids, snapshots, standings, providersFor, newCallId, meter, watchOf, retries } =
    deployment(env)
  return {
    settings: {
      holdMs: settings.HOLD_MS,
      drainMs: settings.DRAIN_MS,
      idleMs: settings.IDLE_MS,
      sharesReferences: settings.SHARED_REFERENCES === 'on',
      loserMs: settings.DRAIN_MS,
      maxBodyBytes: settings.MAX_BODY_BYTES,
      maxFormBytes: settings.MAX_FORM_BYTES,
      jurisdiction: settings.JURISDICTION,
    },
    providersFor,
    snapshots,
    standings,
    nowMs: () => Date.now(),
    random: Math.random,
    newCallId,
    ids,
    readKey,
    meter,
    watch: (tenantId, { name, region = null }) => watchOf({ tenantId, provider: name, region }),
    retries,
    callHost: (ref, name) => connectCall(env, ref, name),
    isCallHost: false,
    log: logEvent,
  }
}

/** The data plane's ports for one request. */
export function gatewayPorts(env: Env, ctx: Lifetime): GatewayPorts {
  const lasting = lastingPorts.get(env) ?? madeLastingPorts(env)
  lastingPorts.set(env, lasting)
  return {
    ...lasting,
    callMcpTool: (server, call) => callTool(server, call, mcpWorld(env, ctx)),
    after: task => ctx.waitUntil(task),
  }
}

// Asked about, and not run: nothing outlives the answer.
const NO_LIFETIME: Lifetime = { waitUntil: () => undefined }

function routingPorts(env: Env): Pick<ControlPorts, 'explainRoute' | 'describeProviders'> {
  const ports = gatewayPorts(env, NO_LIFETIME)
  return {
    async explainRoute({ tenantId, keyId: id }, question) {
      const ref = { tenantId, id, jurisdiction: ports.settings.jurisdiction }
      const snapshot = await ports.meter(ref).snapshot()
      if (!snapshot) throw new GatewayError('not_found', 'Virtual key not found')
      const startMs = ports.nowMs()
      const callId = ports.newCallId(startMs)
      const call = { id: callId, requestId: callId, startMs, request: new Request('https://weir.invalid') }
      return explainRoute(question, { ref, snapshot, call }, ports)
    },
    describeProviders: (tenantId, accounts) =>
      describeProviders(ports.providersFor({ tenantId, accounts }), { tenantId, mayUse: () => true }, ports),
  }
}

/** How many wrong credentials a client may send in a minute. */
const FAILURES_PER_MINUTE = 20
/** How often a virtual key may ask how it stands in a minute. */
const KEY_REQUESTS_PER_MINUTE = 60

function connectRate(env: Env, name: string): RateCounter {
  const { JURISDICTION: jurisdiction } = deployment(env).settings
  const rates = jurisdiction === 'none' ? env.RATE : env.RATE.jurisdiction(jurisdiction)
  return rates.getByName(name)
}

// Addresses are personal data: the object is named by a keyed hash of one.
function addressHash(env: Env, address: string): string {
  const { WEIR_SECRET: secret } = deployment(env).settings
  return createHmac('sha256', secret)
    .update(`weir client address: ${addressGroup(address)}`)
    .digest('base64url')
}

function failuresOf(env: Env, address: string): RateCounter {
  return connectRate(env, `client:${addressHash(env, address)}`)
}

function loginsOf(env: Env, address: string): RateCounter {
  return connectRate(env, `login:${addressHash(env, address)}`)
}

function ratePorts(env: Env): Pick<ControlPorts, 'takeRequest' | 'takeKeyRequest' | 'noteFailure' | 'readFailures'> {
  const max = FAILURES_PER_MINUTE
  return {
    takeRequest: tenantId => connectRate(env, `tenant:${tenantId}`).take({ nowMs: Date.now() }),
    takeKeyRequest: ({ tenantId, keyId }) =>
      connectRate(env, `key:${tenantId}/${keyId}`).take({ nowMs: Date.now(), max: KEY_REQUESTS_PER_MINUTE }),
    noteFailure: address => failuresOf(env, address).take({ nowMs: Date.now(), max }),
    readFailures: address => failuresOf(env, address).read({ nowMs: Date.now(), max }),
  }
}

// An account of a tenant's sells what its vendor does.
type Seller = Pick<Provider, 'pricebook' | 'tariff'>

// One of the deployment's providers, or a vendor as an account of a tenant's sells for it.
function sellerOf(provider: Provider | undefined, vendorName: string): Seller | undefined {
  if (provider) return provider
  const vendor = VENDORS.find(({ name }) => name === vendorName)
  const tariff = vendor?.tariff?.({ name: vendorName, region: undefined, declared: undefined })
  return vendor && { pricebook: vendor.pricebook, ...(tariff && { tariff }) }
}

function pricedModelsOf(provider: Provider | undefined, vendorName: string): PricedModel[] {
  const seller = sellerOf(provider, vendorName)
  return seller ? pricedModelsAt(seller) : []
}

/** How often a client may try to sign in in a minute: each try costs a third of a second of CPU. */
const LOGINS_PER_MINUTE = 30

function signInObjects(env: Env): Pick<SignInPorts, 'claimNonce' | 'takeLogin'> {
  const { JURISDICTION: jurisdiction } = deployment(env).settings
  const nonces = () => (jurisdiction === 'none' ? env.NONCE : env.NONCE.jurisdiction(jurisdiction))
  return {
    claimNonce: (agent, claim) => nonces().getByName(nonceName(agent)).claim(claim),
    takeLogin: address => loginsOf(env, address).take({ nowMs: Date.now(), max: LOGINS_PER_MINUTE }),
  }
}

/** How many bytes of a file are written at once, and so in memory; R2 takes ten thousand such parts. */
const EXPORT_PART_BYTES = 8 * 1024 * 1024

/** What one run of the cron can write, read back and delete. A day may have many files. */
const ARCHIVE_FILE_ROWS = 20_000

// To be found by the cron is enough, so a queue that is out of order is no failure.
async function wakeExport(env: Env, ref: ExportRef): Promise<void> {
  await env.EXPORT_QUEUE.send({ tenantId: ref.tenantId, id: ref.id }).catch(error =>
    logEvent({ event: 'export_not_queued', error: String(error) }),
  )
}

async function wakeWebhook(env: Env, webhook: WebhookRef): Promise<void> {
  const { JURISDICTION: jurisdiction } = deployment(env).settings
  const all = jurisdiction === 'none' ? env.WEBHOOK : env.WEBHOOK.jurisdiction(jurisdiction)
  await all.getByName(webhookName(webhook)).wake({ nowMs: Date.now() })
}

/** The ports of what delivers to webhooks. */
export function deliveryPorts(env: Env): DeliveryPorts {
  const { databases, settings, tenantsFetch: fetch, seals, addressFlaw } = deployment(env)
  return {
    ...databases(),
    nowMs: Date.now,
    random: Math.random,
    log: logEvent,
    fetch,
    openSecret: seals.open,
    addressFlaw,
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
  }
}

// What was asked for a moment ago is settled first, so that its cost is in what is shown.
function usagePorts(env: Env): Pick<ControlPorts, 'readScopeUsage' | 'readUsage'> {
  const { meterOf, budgetOf, settled } = deployment(env)
  return {
    async readScopeUsage(owner) {
      await settled({ tenantId: owner.tenantId })
      const standings = await budgetOf(owner).read(Date.now())
      return standings.map(({ limitId, spent, startMs, endMs }) => ({ limitId, used: spent, startMs, endMs }))
    },
    async readUsage(key) {
      await settled(key)
      const { standings } = await meterOf(key).read(Date.now())
      return standings.map(one => ({
        limitId: one.limitId,
        used: one.settled,
        startMs: one.startsAtMs,
        endMs: one.resetsAtMs,
      }))
    },
  }
}

/** The management API's ports. */
export function controlPorts(env: Env): ControlPorts {
  const { databases, settings, ring, providers, newCallId, meterOf, budgetOf, seals, mayReferTo, signIn, addressFlaw } =
    deployment(env)
  const { JURISDICTION: jurisdiction } = settings
  return {
    ...databases(),
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    newTimedId: newCallId,
    setupToken: settings.WEIR_SETUP_TOKEN,
    setupMode: settings.SETUP_MODE,
    isOpen: settings.GOVERNANCE_OPEN === 'on',
    async mintKey(kind, ids) {
      const text = ring.mint(kind, { ...ids, jurisdiction })
      return { text, hash: keyHash(text) }
    },
    async readKey(kind, text) {
      const ref = ring.read(kind, text)
      return ref && { tenantId: ref.tenantId, id: ref.id, hash: keyHash(text) }
    },
    providers: () => [...providers.keys()],
    vendors: () => VENDORS.map(({ name }) => name),
    models: name => pricedModelsOf(providers.get(name), name).map(one => one.model),
    pricedModels: name => pricedModelsOf(providers.get(name), name),
    pricedModel: (name, model) => pricedModelAt(sellerOf(providers.get(name), name) ?? { pricebook: name }, model),
    mayReferTo,
    sealSecret: (secret, owner) => seals.seal(writeSecret(secret), owner),
    resealSecret: seals.reseal,
    addressFlaw,
    listMcpTools: server => listTools(server, mcpWorld(env, NO_LIFETIME)),
    pushSnapshot: snapshot => pushToAll(snapshot, meterOf),
    pushScope: snapshot => budgetOf(snapshot).putSnapshot(snapshot),
    ...usagePorts(env),
    wakeWebhook: webhook => wakeWebhook(env, webhook),
    ...routingPorts(env),
    ...ratePorts(env),
    signIn: { ...signIn, ...signInObjects(env) },
    exports: {
      wake: ref => wakeExport(env, ref),
      open: (key, range) => env.ARCHIVE.get(key, range && { range }),
      tokens: downloadTokens(settings.WEIR_SECRET, settings.WEIR_SECRET_PREVIOUS),
    },
    allowedOrigins: settings.ALLOWED_ORIGINS.split(',').flatMap(text => text.trim() || []),
    maxBodyBytes: settings.MAX_BODY_BYTES,
  }
}

/** The queue consumer's and the cron's ports. */
export function accountingPorts(env: Env): AccountingPorts {
  const { databases, settings, meterOf, budgetOf } = deployment(env)
  return {
    ...databases(),
    nowMs: Date.now,
    log: logEvent,
    confirm: (owner, seqs) => meterOf(owner).confirm(seqs),
    confirmHours: (owner, statements) => meterOf(owner).confirmHours(statements),
    confirmAlerts: (from, alerts) => ('scope' in from ? budgetOf(from) : meterOf(from)).confirmAlerts(alerts),
    pushSnapshot: snapshot => pushToAll(snapshot, meterOf),
    pushScope: snapshot => budgetOf(snapshot).putSnapshot(snapshot),
    readBudgets: owner => budgetOf(owner).read(Date.now()),
    exports: {
      store: env.ARCHIVE,
      wake: ref => wakeExport(env, ref),
      whenCompleted: job => [tellOfExport(job)],
      newId: () => crypto.randomUUID(),
      partBytes: EXPORT_PART_BYTES,
      breathe: () => scheduler.wait(0),
    },
    archive: { retentionDays: settings.EVENT_RETENTION_DAYS, fileRows: ARCHIVE_FILE_ROWS },
    wakeWebhook: webhook => wakeWebhook(env, webhook),
  }
}
