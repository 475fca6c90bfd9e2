import { V7Generator } from 'uuidv7'
import { readDeclaredPrices } from '../contracts/declared-prices.ts'
import { idSeal } from '../core/key/id-seal.ts'
import { type KeyRef, keyHash, keyRing } from '../core/key/key-text.ts'
import { rememberedKeys } from '../core/key/remembered-keys.ts'
import { sealer } from '../core/key/seal.ts'
import { addressFlaw } from '../core/net/public-address.ts'
import { type MeterRef, meterName } from '../core/quota/meter-protocol.ts'
import type { Databases } from '../db/shards.ts'
import { RetryBudget } from '../gateway/attempts/retry-budget.ts'
import { SeenStandings } from '../gateway/routing/seen-standings.ts'
import { secretOpener } from '../providers/open-secret.ts'
import type { Provider } from '../providers/port.ts'
import { configuredProviders } from '../providers/registry.ts'
import { tenantProviders } from '../providers/tenant-accounts.ts'
import { PRICED_VENDORS } from '../providers/vendors.ts'
import type { WorkersAi } from '../providers/workers-ai/binding-provider.ts'
import { databasesOf } from './databases.ts'
import { meterClient } from './meter-client.ts'
import { connectBudget, connectMeter } from './meters.ts'
import { outboundOf, tenantsOutboundOf } from './outbound.ts'
import { providerWatches } from './provider-watches.ts'
import { randomPool } from './random-pool.ts'
import { Settings } from './settings.ts'
import { SettleRides } from './settle-rides.ts'
import { SignInSettings, signInPorts } from './sign-in.ts'
import { snapshotCache } from './snapshot-cache.ts'

// Not in the generated Env: wrangler.toml binds it only where a deployment wants it. What is bound as AI is that binding.
function boundAi(env: Env & { AI?: WorkersAi }): { workersAi?: WorkersAi } {
  return env.AI ? { workersAi: env.AI } : {}
}

/** What an isolate builds once from its Env. */
function deploymentOf(env: Env) {
  const settings = Settings.parse(env)
  const ids = new V7Generator(randomPool())
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

const deployments = new WeakMap<Env, ReturnType<typeof deploymentOf>>()

/** What an isolate has built of its Env, built where it is first asked for. */
export function deployment(env: Env): ReturnType<typeof deploymentOf> {
  const known = deployments.get(env) ?? deploymentOf(env)
  deployments.set(env, known)
  return known
}
