import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { V7Generator } from 'uuidv7'
import { controlApp } from '../../workers/control/app.ts'
import type { ControlEnv } from '../../workers/control/http/env.ts'
import type { RouteSpec } from '../../workers/control/http/route-spec.ts'
import type { ControlPorts, LimitUsage } from '../../workers/control/ports.ts'
import type { SignInPorts } from '../../workers/control/sign-in-ports.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import { downloadTokens } from '../../workers/core/export/download-token.ts'
import { writeSecret } from '../../workers/core/key/account-secret.ts'
import type { KeyKind } from '../../workers/core/key/key-text.ts'
import { sealer } from '../../workers/core/key/seal.ts'
import { addressFlaw } from '../../workers/core/net/public-address.ts'
import { findModel, listModels } from '../../workers/core/pricing/index.ts'
import type { RateStanding } from '../../workers/core/rate/take.ts'
import { accessTokens } from '../../workers/core/sign-in/access-token.ts'
import { nonceName } from '../../workers/core/sign-in/nonce-claim.ts'
import type { KeySnapshot, ScopeSnapshot } from '../../workers/core/snapshot.ts'
import type { WebhookRef } from '../../workers/core/webhooks/webhook-ref.ts'
import type { ConfigDb, EventsDb } from '../../workers/db/database.ts'
import { databasesHere } from '../shards/databases.ts'

/** When everything happens, unless a test says otherwise: a Friday. */
export const NOW = Date.UTC(2026, 10, 20, 12)

const UNLIMITED: RateStanding = { ok: true, limit: 1000, remaining: 999, resetMs: NOW + 60_000 }

/** The trace that every request is of. */
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

/** What seals the secrets of provider keys. */
export const seals = sealer('test-secret-test-secret-test-secret-0')

const PREFIX: Record<KeyKind, string> = {
  virtual: 'sk-bf-',
  admin: 'weir-admin-',
  api: 'weir-api-',
  invitation: 'weir-inv-',
}

const SECRET = 'test-secret-test-secret-test-secret-0'

/** Signing in as it is, but that hashes are cheap, nobody is counted, and no address answers. */
export function fakeSignIn(overrides: Partial<SignInPorts> = {}): SignInPorts {
  const { seal, open } = sealer(SECRET)
  return {
    ...{ passwordCost: { log2Cost: 4, blockSize: 8, parallel: 1 }, accessTokens: accessTokens(SECRET), seal, open },
    ...{ internal: undefined, defaultPlan: 'free' },
    addressFlaw: address => (address.startsWith('https://') ? undefined : 'not_https'),
    async fetchJson(address) {
      throw new Error(`nobody is at ${address}`)
    },
    claimNonce: (agent, claim) => env.NONCE.getByName(nonceName(agent)).claim(claim),
    takeLogin: async () => UNLIMITED,
    ...overrides,
  }
}

/** The management API over the real D1, mounted as the Worker mounts it. Meters and the minting of keys are faked. */
export function fakeControl(overrides: Partial<ControlPorts> = {}, routes?: readonly RouteSpec[]) {
  const pushed: KeySnapshot[] = []
  const pushedScopes: ScopeSnapshot[] = []
  /** What was pushed, in its order: `key ID vN` or `SCOPE vN`. */
  const pushOrder: string[] = []
  const usage: LimitUsage[] = []
  const scopeUsage: LimitUsage[] = []
  const woken: WebhookRef[] = []
  const timedIds = new V7Generator()
  let minted = 0
  const ports: ControlPorts & { db: ConfigDb & EventsDb; events: EventsDb } = {
    ...databasesHere(),
    nowMs: () => NOW,
    newId: () => crypto.randomUUID(),
    newTimedId: nowMs => timedIds.generateOrResetWithTs(nowMs).toString(),
    setupToken: 'setup-token',
    setupMode: 'open',
    isOpen: false,
    async mintKey(kind, { tenantId, id }) {
      const text = `${PREFIX[kind]}${tenantId}.${id}.${++minted}`
      return { text, hash: `hash of ${text}` }
    },
    async readKey(kind, text) {
      const [tenantId, id] = text.slice(PREFIX[kind].length).split('.')
      return text.startsWith(PREFIX[kind]) && tenantId && id ? { tenantId, id, hash: `hash of ${text}` } : undefined
    },
    providers: () => ['openai', 'anthropic', 'Mock'],
    vendors: () => ['openai', 'anthropic', 'azure', 'vertex', 'bedrock', 'openai-compatible'],
    models: name => (name === 'openai' ? ['gpt-5', 'gpt-5-mini'] : []),
    pricedModels: name => listModels(name),
    pricedModel: (name, model) => findModel(name, model),
    mayReferTo: name => name === 'LENT_KEY',
    sealSecret: (secret, owner) => seals.seal(writeSecret(secret), owner),
    resealSecret: seals.reseal,
    addressFlaw,
    async pushSnapshot(snapshot) {
      pushed.push(structuredClone(snapshot))
      pushOrder.push(`key ${snapshot.keyId} v${snapshot.version}`)
    },
    async pushScope(snapshot) {
      pushedScopes.push(structuredClone(snapshot))
      pushOrder.push(`${snapshot.scope} v${snapshot.version}`)
    },
    readUsage: async () => usage,
    readScopeUsage: async () => scopeUsage,
    explainRoute: async ({ keyId }) => ({
      ...{ virtual_key_id: keyId, requested_model: 'm', routed_model: 'm', rule: null, rules: [], candidates: [] },
      ...{ order: ['mock/m'], refusal: null },
    }),
    describeProviders: (_, accounts) =>
      accounts.map(({ name, region, residency }) => ({
        ...{ name, region, residency, has_keys: true, models: [] },
        health: { is_resting: false, latency_ms: null, in_flight: 0 },
      })),
    listMcpTools: async () => [{ name: 'read', description: 'reads', parameters: { type: 'object' } }],
    wakeWebhook: async webhook => void woken.push(webhook),
    takeRequest: async () => UNLIMITED,
    takeKeyRequest: async () => UNLIMITED,
    noteFailure: async () => UNLIMITED,
    readFailures: async () => UNLIMITED,
    signIn: fakeSignIn(),
    exports: {
      wake: async () => undefined,
      open: (key, range) => env.ARCHIVE.get(key, range && { range }),
      tokens: downloadTokens(SECRET),
    },
    allowedOrigins: ['https://app.example', 'https://other.example'],
    maxBodyBytes: 100_000,
    // A database that is given instead has everything, as shard 0 has.
    ...(overrides as Partial<ControlPorts & { db: ConfigDb & EventsDb }>),
  }
  const parent = new Hono<ControlEnv>()
  parent.use('*', async (c, next) => {
    c.set('requestId', 'req-test')
    c.set('traceId', TRACE_ID)
    await next()
    c.header('x-request-id', 'req-test')
  })
  parent.get('/v1/models', c => c.text('the data plane'))
  parent.route('/', controlApp(ports, routes))
  return { app: parent, ports, pushed, pushedScopes, pushOrder, usage, scopeUsage, woken }
}

export type Control = ReturnType<typeof fakeControl>

/** An answer, read. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
export type Answer = { status: number; headers: Headers; body: any }

/** Sends one request; a body that is no text is sent as JSON. */
export async function send(
  control: Control,
  key: string | undefined,
  [method, path, body, more]: Call,
): Promise<Answer> {
  const headers = new Headers({ ...more, ...(key !== undefined && { authorization: `Bearer ${key}` }) })
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  const response = await control.app.request(path, { method, headers, ...(text !== undefined && { body: text }) })
  return { status: response.status, headers: response.headers, body: await response.json().catch(() => undefined) }
}

/** Method, path and body of a request, and headers beside its key. */
export type Call = [method: string, path: string, body?: unknown, headers?: Record<string, string>]

/** A tenant of its own, and calls as its admin. */
export async function newTenant(control: Control, setupToken = 'setup-token') {
  const setup: Call = ['POST', '/v1/setup', { tenant_name: `tenant ${crypto.randomUUID()}` }]
  const { body } = await send(control, setupToken, setup)
  const adminKey: string = body.data.admin_key
  const tenantId: TenantId = body.data.tenant_id
  return { adminKey, tenantId, call: (...call: Call) => send(control, adminKey, call) }
}

/** A tenant's calls that must succeed, answering what they are of, and what was pushed of it. */
export async function openTenant(overrides?: Partial<ControlPorts>) {
  const control = fakeControl(overrides)
  const tenant = await newTenant(control)
  const ok = async (...call: Call) => {
    const { status, body } = await tenant.call(...call)
    if (status >= 300) throw new Error(JSON.stringify(body))
    // A provider's key says the name of its provider.
    const provider = typeof body.provider === 'object' ? body.provider : undefined
    return body.virtual_key ?? body.team ?? body.customer ?? provider ?? body.data ?? body
  }
  return {
    ...control,
    ...tenant,
    make: (path: string, body: unknown) => ok('POST', path, body),
    put: (path: string, body: unknown) => ok('PUT', path, body),
    get: (path: string) => ok('GET', path),
    latest: (keyId: string) => newest(control.pushed.filter(snapshot => snapshot.keyId === keyId)),
    latestOf: (scope: string) => newest(control.pushedScopes.filter(snapshot => snapshot.scope === scope)),
    /** What was pushed since this was last asked, in its order. */
    pushes: () => control.pushOrder.splice(0),
  }
}

// Pushes may overtake each other.
function newest<S extends { version: number }>(snapshots: S[]): S | undefined {
  return snapshots.sort((a, b) => b.version - a.version)[0]
}

/** What a limit shows of what it does where nothing was said of it. */
export const PLAIN_LIMIT = {
  on_exceed: 'refuse',
  clamp_floor: null,
  downgrade_to: null,
  alert_thresholds: [],
  fiscal_year_start: null,
}

/** What a budget shows of its override where it has none. */
export function unoverridden(max: number) {
  return { override_amount: 0, override_mode: '', override_cycles_remaining: 0, effective_max_limit: max }
}

/** The same of how a key is handled. */
export const PLAIN_KEY = {
  admission_mode: 'strict',
  expected_output_tokens: null,
  settlement: 'drain',
  meter: null,
  reliability: null,
}

/** Where virtual keys are. */
export const KEYS = '/api/governance/virtual-keys'
