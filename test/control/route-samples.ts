import { insertAlerts } from '../../workers/db/insert-alerts.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { alertOf } from '../support/alert-of.ts'
import { type Call, type Control, KEYS, NOW, newTenant } from './fake-ports.ts'

const RANGE = 'start_date=2026-11-01&end_date=2026-11-30'
const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'
const RULES = '/api/governance/routing-rules'
const ACCOUNTS = '/api/providers'
const LIMIT = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }
const BUDGET = { max_limit: 1, reset_duration: '1d' }
const name = () => crypto.randomUUID()

/** The secrets of providers that a tenant has, and that samples give it. */
export const PROVIDER_SECRETS = ['first', 'second', 'third', 'fourth', 'fifth'].map(word => `sk-own-${word}-0123456789`)

// With all that its vendor's keys can have.
function accountAt(vendor: string) {
  const settings = {
    azure_key_config: { endpoint: 'https://own.example.com', api_version: '1', deployments: { 'gpt-5': 'd' } },
    vertex_key_config: { project_id: 'p', region: 'eu' },
    bedrock_key_config: { access_key: 'AKIA0123456789', region: 'eu-west-1' },
  }
  const [value] = PROVIDER_SECRETS.slice(4)
  const document = JSON.stringify({ type: 'service_account', client_email: 'a@b.c', private_key: value })
  const field = `${vendor}_key_config` as keyof typeof settings
  const key = { name: 'k', value: vendor === 'vertex' ? document : value, [field]: settings[field] }
  const network_config = { default_request_timeout_in_seconds: 5 }
  return { provider: `a${name()}`, vendor, residency: 'eu', network_config, keys: [key] }
}

/** What a tenant has one of, by its id. */
export type Ids = {
  key: string
  event: string
  team: string
  customer: string
  limit: string
  apiKey: string
  account: string
  rule: string
}

/** A good request of a route, given what a tenant has. */
export type Sample = (ids: Ids) => Call

/**
 * Good requests of every route that asks for a principal, by its operation: each route needs at least one, and a route
 * without any fails the tests that run through this table.
 */
export const SAMPLES: Record<string, Sample[]> = {
  createVirtualKey: [() => ['POST', KEYS, { name: name() }]],
  listVirtualKeys: [() => ['GET', KEYS]],
  getVirtualKey: [({ key }) => ['GET', `${KEYS}/${key}`]],
  updateVirtualKey: [
    ({ key }) => ['PUT', `${KEYS}/${key}`, { description: 'changed' }],
    ({ key, team }) => ['PUT', `${KEYS}/${key}`, { team_id: team }],
  ],
  deleteVirtualKey: [({ key }) => ['DELETE', `${KEYS}/${key}`]],
  createTeam: [() => ['POST', TEAMS, { name: name() }]],
  listTeams: [() => ['GET', TEAMS]],
  getTeam: [({ team }) => ['GET', `${TEAMS}/${team}`]],
  updateTeam: [({ team }) => ['PUT', `${TEAMS}/${team}`, { budgets: [] }]],
  deleteTeam: [({ team }) => ['DELETE', `${TEAMS}/${team}`]],
  createCustomer: [() => ['POST', CUSTOMERS, { name: name() }]],
  listCustomers: [() => ['GET', CUSTOMERS]],
  getCustomer: [({ customer }) => ['GET', `${CUSTOMERS}/${customer}`]],
  updateCustomer: [({ customer }) => ['PUT', `${CUSTOMERS}/${customer}`, { name: 'changed' }]],
  deleteCustomer: [({ customer }) => ['DELETE', `${CUSTOMERS}/${customer}`]],
  listBudgets: [() => ['GET', '/api/governance/budgets']],
  listRateLimits: [() => ['GET', '/api/governance/rate-limits']],
  listProviderLimits: [() => ['GET', '/api/governance/providers']],
  updateProviderLimits: [() => ['PUT', '/api/governance/providers/openai', { budget: { ...BUDGET, max_limit: 2 } }]],
  deleteProviderLimits: [() => ['DELETE', '/api/governance/providers/openai']],
  createRoutingRule: [() => ['POST', RULES, { name: name(), targets: [{ model: 'm', weight: 1 }], priority: 7 }]],
  listRoutingRules: [() => ['GET', RULES], () => ['GET', `${RULES}?scope=global&limit=5&search=r`]],
  getRoutingRule: [({ rule }) => ['GET', `${RULES}/${rule}`]],
  updateRoutingRule: [({ rule }) => ['PUT', `${RULES}/${rule}`, { description: 'changed' }]],
  deleteRoutingRule: [({ rule }) => ['DELETE', `${RULES}/${rule}`]],
  explainRoute: [
    ({ key }) => ['POST', '/v1/route', { virtual_key_id: key, request: { model: 'mock/echo', messages: [] } }],
  ],
  listRoutable: [() => ['GET', '/v1/providers'], () => ['GET', '/v1/providers?limit=1&offset=1']],
  listProviders: [() => ['GET', ACCOUNTS]],
  createProvider: [
    () => ['POST', ACCOUNTS, { provider: `a${name()}`, vendor: 'openai' }],
    ...['azure', 'vertex', 'bedrock'].map(
      (vendor): Sample =>
        () => ['POST', ACCOUNTS, accountAt(vendor)],
    ),
  ],
  getProvider: [() => ['GET', `${ACCOUNTS}/own`], () => ['GET', `${ACCOUNTS}/mock`]],
  updateProvider: [() => ['PUT', `${ACCOUNTS}/own`, { region: 'r' }]],
  deleteProvider: [() => ['DELETE', `${ACCOUNTS}/own`]],
  listProviderKeys: [() => ['GET', `${ACCOUNTS}/own/keys`]],
  createProviderKey: [() => ['POST', `${ACCOUNTS}/own/keys`, { name: name(), value: PROVIDER_SECRETS[1] }]],
  getProviderKey: [({ account }) => ['GET', `${ACCOUNTS}/own/keys/${account}`]],
  updateProviderKey: [({ account }) => ['PUT', `${ACCOUNTS}/own/keys/${account}`, { value: PROVIDER_SECRETS[2] }]],
  rotateProviderKey: [
    ({ account }) => ['POST', `${ACCOUNTS}/own/keys/${account}/rotate`, { value: PROVIDER_SECRETS[3] }],
  ],
  deleteProviderKey: [({ account }) => ['DELETE', `${ACCOUNTS}/own/keys/${account}`]],
  listAllProviderKeys: [() => ['GET', '/api/keys']],
  createLimit: [() => ['POST', '/v1/limits', { ...LIMIT, duration: '2h' }]],
  listLimits: [() => ['GET', '/v1/limits'], ({ team }) => ['GET', `/v1/limits?scope=team:${team}`]],
  getLimit: [({ limit }) => ['GET', `/v1/limits/${limit}`]],
  updateLimit: [({ limit }) => ['PUT', `/v1/limits/${limit}`, { max: 6 }]],
  deleteLimit: [({ limit }) => ['DELETE', `/v1/limits/${limit}`]],
  listAlerts: [() => ['GET', '/v1/alerts'], ({ limit }) => ['GET', `/v1/alerts?limit_id=${limit}&scope=user:u`]],
  listEvents: [() => ['GET', '/v1/events']],
  getEvent: [({ event }) => ['GET', `/v1/events/${event}`]],
  getCosts: [() => ['GET', `/v1/analytics/costs?${RANGE}`]],
  getReconcile: [() => ['GET', '/v1/health/reconcile']],
  createApiKey: [() => ['POST', '/v1/api-keys', { name: name() }]],
  listApiKeys: [() => ['GET', '/v1/api-keys']],
  deleteApiKey: [({ apiKey }) => ['DELETE', `/v1/api-keys/${apiKey}`]],
  listAuditEvents: [() => ['GET', '/v1/identity/audit']],
}

/** A tenant with one of everything. */
export async function inhabitedTenant(control: Control, setupToken?: string) {
  const tenant = await newTenant(control, setupToken)
  const created = await tenant.call('POST', KEYS, { name: 'k', budgets: [BUDGET] })
  const lines: [string, number, number][] = [['input', 5, 1_250_000]]
  const cost_detail = { tier: 'flex', above: null, source: 'pricebook', lines }
  const virtual_key_id = created.body.virtual_key.id
  const event = makeEvent(NOW, { tenant_id: tenant.tenantId, virtual_key_id, cost_detail })
  await insertEvents(control.ports.db, { tenantId: tenant.tenantId, events: [event] })
  const team = await tenant.call('POST', TEAMS, { name: 'team', budget: BUDGET })
  const customer = await tenant.call('POST', CUSTOMERS, { name: 'customer', budget: BUDGET })
  await tenant.call('PUT', '/api/governance/providers/openai', { budget: BUDGET })
  const keys = [{ name: 'k', value: PROVIDER_SECRETS[0] }]
  const account = await tenant.call('POST', ACCOUNTS, { provider: 'own', vendor: 'openai', keys })
  const rule = await tenant.call('POST', RULES, { name: 'rule', targets: [{ provider: 'openai', weight: 1 }] })
  const limit = await tenant.call('POST', '/v1/limits', LIMIT)
  await insertAlerts(control.ports.db, tenant.tenantId, [alertOf({ limitId: limit.body.data.id })])
  const apiKey = await tenant.call('POST', '/v1/api-keys', { name: 'api' })
  const groups = { team: team.body.team.id, customer: customer.body.customer.id, limit: limit.body.data.id }
  const own = { account: account.body.keys[0].id, apiKey: apiKey.body.id, rule: rule.body.rule.id }
  const ids: Ids = { key: created.body.virtual_key.id, event: event.id, ...groups, ...own }
  return { ...tenant, ids, virtualKey: created.body.virtual_key.value, apiKeyText: apiKey.body.key }
}

/** A key of the API that a tenant's admin made for this. */
export async function apiKeyOf(
  tenant: { call: (...call: Call) => Promise<{ status: number; body: { key: string } }> },
  input: Record<string, unknown>,
): Promise<string> {
  const { status, body } = await tenant.call('POST', '/v1/api-keys', { name: 'made', ...input })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body.key
}
