import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import { type Instance, Refused } from './connect.ts'
import { liveGroups, liveTenant } from './live-groups.ts'
import { liveKeys } from './live-keys.ts'
import { liveLimits, liveModels } from './live-limits.ts'
import { liveMcp } from './live-mcp.ts'
import { liveOverrides, liveRules } from './live-policies.ts'
import { liveProviders, providerNames } from './live-providers.ts'
import { liveWebhooks } from './live-webhooks.ts'
import type { Live } from './object.ts'

const API = '/api/governance'
const PAGE = 100
const LONG_PAGE = 1000

// biome-ignore lint/suspicious/noExplicitAny: as the API answers
export type Row = any

/** An instance as it is: what can be declared, and the names of the providers that it has. */
export type LiveState = {
  tenantId: string
  objects: Live[]
  providers: string[]
  /** Virtual keys as the API shows them. */
  keys: Row[]
}

async function allOf(instance: Instance, path: string, name: string): Promise<Row[]> {
  const rows = []
  for (;;) {
    const page = await instance.get(`${path}?limit=${PAGE}&offset=${rows.length}`)
    rows.push(...page[name])
    if (page[name].length === 0 || rows.length >= page.total_count) return rows
  }
}

async function allOfV1(instance: Instance, path: string): Promise<Row[]> {
  const rows = []
  for (;;) {
    const { data, pagination } = await instance.get(`${path}?limit=${LONG_PAGE}&offset=${rows.length}`)
    rows.push(...data)
    if (data.length === 0 || !pagination.has_more) return rows
  }
}

async function marksOf(instance: Instance): Promise<Map<string, string>> {
  const rows: { kind: ConfigKind; id: string; config_hash: string }[] = await allOfV1(instance, '/v1/config/objects')
  return new Map(rows.map(({ kind, id, config_hash }) => [`${kind} ${id}`, config_hash]))
}

// An API key of fewer scopes can still say all else; of a file that has webhooks it is told when they are made.
function webhooksOf(instance: Instance) {
  return allOfV1(instance, '/v1/webhooks').catch(thrown => {
    if (thrown instanceof Refused && thrown.status === 403) return []
    throw thrown
  })
}

async function lists(instance: Instance) {
  const [tenant, customers, teams, accounts] = await Promise.all([
    instance.get('/v1/tenant'),
    allOf(instance, `${API}/customers`, 'customers'),
    allOf(instance, `${API}/teams`, 'teams'),
    instance.get('/api/providers'),
  ])
  const [clients, models, limits, keys, overrides, rules, webhooks] = await Promise.all([
    allOf(instance, '/api/mcp/clients', 'clients'),
    allOf(instance, `${API}/model-configs`, 'model_configs'),
    allOfV1(instance, '/v1/limits'),
    allOf(instance, `${API}/virtual-keys`, 'virtual_keys'),
    allOf(instance, `${API}/pricing-overrides`, 'pricing_overrides'),
    allOf(instance, `${API}/routing-rules`, 'rules'),
    webhooksOf(instance),
  ])
  return {
    tenant: tenant.data,
    customers,
    teams,
    accounts: accounts.providers,
    clients,
    models,
    limits,
    keys,
    overrides,
    rules,
    webhooks,
  }
}

/** Reads all of an instance that a file can declare. */
export async function readLive(instance: Instance): Promise<LiveState> {
  const [all, marks] = await Promise.all([lists(instance), marksOf(instance)])
  const { tenant, customers, teams, accounts } = all
  const providers = liveProviders(accounts)
  const groups = liveGroups({ customers, teams })
  const keys = liveKeys(all.keys, groups)
  const clients = liveMcp(all.clients)
  const named = [...groups, ...providers, ...keys]
  const objects = [
    ...[liveTenant(tenant), ...named],
    ...[...clients, ...liveModels(all.models), ...liveLimits(all.limits, tenant.id)],
    ...[...liveOverrides(all.overrides, named), ...liveRules(all.rules, named), ...liveWebhooks(all.webhooks)],
  ].map(one => ({ ...one, hash: marks.get(`${one.kind} ${one.id}`) ?? null }))
  return { tenantId: tenant.id, objects, providers: providerNames(accounts), keys: all.keys }
}
