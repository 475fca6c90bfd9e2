import { env } from 'cloudflare:workers'
import { insertAlerts } from '../../workers/db/insert-alerts.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { alertOf } from '../support/alert-of.ts'
import { copyOf } from './copy-tenant.ts'
import { type Call, type Control, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { join, newMember, newUser, PASSWORD } from './new-member.ts'

const RANGE = 'start_date=2026-11-01&end_date=2026-11-30'
const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'
const MODELS = '/api/governance/model-configs'
const PRICES = '/api/governance/pricing-overrides'
const OVERRIDE = {
  ...{ name: 'prices', scope_kind: 'global', match_type: 'wildcard', pattern: 'gpt-*' },
  ...{ request_types: ['chat_completion'], patch: { input_cost_per_token: 2.5e-7 } },
}
const PRICEBOOK = '/v1/pricebook'
const ENTRY = { model: 'gpt-5*', match_type: 'wildcard', prices: { input_cost_per_token: 1e-6 } }
const RULES = '/api/governance/routing-rules'
const COMPLEXITY = '/api/governance/complexity-analyzer-config'
const ACCOUNTS = '/api/providers'
const MCP = '/api/mcp/client'
const LIMIT = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }
const BUDGET = { max_limit: 1, reset_duration: '1d' }
const SSO = '/v1/identity/sso'
const SERVICES = '/v1/identity/service-credentials'
const AGENTS = '/v1/identity/agent-credentials'
// A name that resolves to nothing: in the tests of the whole Worker it is called.
const HOOK_URL = 'https://hooks.example.com/x'
const HOOKS = '/v1/webhooks'
const ALERT = {
  name: 'a day',
  trigger: 'daily_spend_limit',
  threshold: 50,
  channels: ['webhook'],
  filters: { tags: { a: 'b' } },
}
const FLAGS = '/v1/tenant/feature-flags'
const FLAG = `${FLAGS}/beta`
const MEMBERS = '/v1/tenant/members'
const INVITATIONS = '/v1/tenant/invitations'
const ACCEPT = '/v1/auth/invitations/accept'
const ADMIN = '/v1/admin/tenants'
const HASH = '0'.repeat(64)
const EXPORTED = 'id,cost_usd\r\n'
const name = () => crypto.randomUUID()
const reported = () => {
  const at = { external_id: name(), timestamp: '2026-11-20T11:59:59Z' }
  return { ...at, provider: 'openai', model: 'gpt-5', input_tokens: 10, output_tokens: 5 }
}
const provider = () => ({ name: 'idp', issuer: 'https://idp.example.com', audience: name() })

/** The secrets of providers that a tenant has, and that samples give it. */
export const PROVIDER_SECRETS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map(
  word => `sk-own-${word}-0123456789`,
)

/** Half of a credential of AWS, which is shown masked. */
export const ACCESS_KEY_ID = 'AKIA0123456789'

// With all that its vendor's keys can have.
function accountAt(vendor: string) {
  const settings = {
    azure_key_config: { endpoint: 'https://own.example.com', api_version: '1', deployments: { 'gpt-5': 'd' } },
    vertex_key_config: { project_id: 'p', region: 'eu' },
    bedrock_key_config: { access_key: ACCESS_KEY_ID, region: 'eu-west-1' },
  }
  const [value] = PROVIDER_SECRETS.slice(4)
  const document = JSON.stringify({ type: 'service_account', client_email: 'a@b.c', private_key: value })
  const field = `${vendor}_key_config` as keyof typeof settings
  const key = { name: 'k', value: vendor === 'vertex' ? document : value, [field]: settings[field] }
  const network_config = { default_request_timeout_in_seconds: 5 }
  return { provider: `a${name()}`, vendor, residency: 'eu', network_config, keys: [key] }
}

/** All that a rule shows of what it was sent: a field that is not said again keeps what it had. */
function changedRule() {
  return { name: name(), description: 'changed', cel_expression: 'true', provider: 'openai', model: 'gpt-5' }
}

/** An MCP server that is asked with a secret. */
function mcpServer() {
  const headers = { Authorization: `Bearer ${PROVIDER_SECRETS[5]}` }
  const where = { connection_type: 'http', connection_string: 'https://mcp.example.com/mcp', tool_execution_timeout: 1 }
  return { name: `t${name().replaceAll('-', '')}`, ...where, headers, tools_to_execute: ['*'] }
}

// Either word of its address.
function mcpSamples(path: string, more: string): Record<string, Sample[]> {
  return {
    [`createMcpClient${more}`]: [() => ['POST', path, mcpServer()]],
    [`getMcpClient${more}`]: [({ mcp }) => ['GET', `${path}/${mcp}`]],
    [`updateMcpClient${more}`]: [
      ({ mcp }) => ['PUT', `${path}/${mcp}`, { tools_to_execute: ['read'], tool_execution_timeout: 2 }],
    ],
    [`deleteMcpClient${more}`]: [({ mcp }) => ['DELETE', `${path}/${mcp}`]],
  }
}

/** What a tenant has one of, by its id. */
export type Ids = {
  key: string
  budget: string
  event: string
  team: string
  customer: string
  limit: string
  apiKey: string
  sso: string
  service: string
  agent: string
  model: string
  override: string
  pricebook: string
  member: string
  invitation: string
  account: string
  rule: string
  export: string
  mcp: string
  webhook: string
  alert: string
  delivery: string
  agentBudget: string
  /** What its event is of, and in: the same name for the entity, the agent and the workflow. */
  entity: string
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
  overrideBudget: [
    ({ key, budget }) => ['PUT', `${KEYS}/${key}/budgets/${budget}/override`, { amount: 2, mode: 'cycles', cycles: 2 }],
  ],
  clearBudgetOverride: [({ key, budget }) => ['DELETE', `${KEYS}/${key}/budgets/${budget}/override`]],
  rotateVirtualKey: [({ key }) => ['POST', `${KEYS}/${key}/rotate`]],
  rotateVirtualKeys: [({ key }) => ['POST', `${KEYS}/rotate`, { ids: [key, key] }]],
  listModelConfigs: [() => ['GET', MODELS]],
  createModelConfig: [() => ['POST', MODELS, { model_name: name(), provider: 'openai', budget: BUDGET }]],
  getModelConfig: [({ model }) => ['GET', `${MODELS}/${model}`]],
  updateModelConfig: [({ model }) => ['PUT', `${MODELS}/${model}`, { budget: { ...BUDGET, max_limit: 3 } }]],
  deleteModelConfig: [({ model }) => ['DELETE', `${MODELS}/${model}`]],
  listPricingOverrides: [() => ['GET', PRICES]],
  createPricingOverride: [
    () => ['POST', PRICES, OVERRIDE],
    ({ key }) => ['POST', PRICES, { ...OVERRIDE, scope_kind: 'virtual_key', virtual_key_id: key }],
  ],
  getPricingOverride: [({ override }) => ['GET', `${PRICES}/${override}`]],
  updatePricingOverride: [
    ({ override }) => ['PUT', `${PRICES}/${override}`, { patch: { output_cost_per_token: 1e-6 } }],
  ],
  deletePricingOverride: [({ override }) => ['DELETE', `${PRICES}/${override}`]],
  listPrices: [() => ['GET', PRICEBOOK], () => ['GET', `${PRICEBOOK}?provider=own&request_type=responses&limit=2`]],
  createPricebookVersion: [
    () => ['POST', PRICEBOOK, { entries: [ENTRY], note: name() }],
    () => ['POST', PRICEBOOK, { entries: [], effective_from: '2027-01-01T00:00:00Z' }],
  ],
  listPricebookVersions: [() => ['GET', `${PRICEBOOK}/versions`]],
  getPricebookVersion: [({ pricebook }) => ['GET', `${PRICEBOOK}/versions/${pricebook}`]],
  createTeam: [() => ['POST', TEAMS, { name: name(), budgets: [{ max_limit: 1, reset_duration: '1d' }] }]],
  listTeams: [() => ['GET', TEAMS]],
  getTeam: [({ team }) => ['GET', `${TEAMS}/${team}`]],
  updateTeam: [({ team }) => ['PUT', `${TEAMS}/${team}`, { budgets: [] }]],
  deleteTeam: [({ team }) => ['DELETE', `${TEAMS}/${team}`]],
  createCustomer: [() => ['POST', CUSTOMERS, { name: name(), budgets: [{ max_limit: 1, reset_duration: '1d' }] }]],
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
  updateRoutingRule: [({ rule }) => ['PUT', `${RULES}/${rule}`, changedRule()]],
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
  listPricedModels: [() => ['GET', '/api/models?limit=1&query=GPT']],
  getComplexityConfig: [() => ['GET', COMPLEXITY]],
  updateComplexityConfig: [() => ['PUT', COMPLEXITY, { tier_boundaries: { complex_reasoning: 0.7 } }]],
  resetComplexityConfig: [() => ['POST', `${COMPLEXITY}/reset`]],
  listMcpClients: [() => ['GET', '/api/mcp/clients'], () => ['GET', '/api/mcp/clients?limit=1&search=F']],
  refreshMcpTools: [({ mcp }) => ['POST', `${MCP}/${mcp}/refresh-tools`]],
  ...mcpSamples(MCP, ''),
  ...mcpSamples('/api/mcp/clients', 'InList'),
  listAllProviderKeys: [() => ['GET', '/api/keys']],
  createLimit: [() => ['POST', '/v1/limits', { ...LIMIT, duration: '2h' }]],
  listLimits: [() => ['GET', '/v1/limits'], ({ team }) => ['GET', `/v1/limits?scope=team:${team}`]],
  getLimit: [({ limit }) => ['GET', `/v1/limits/${limit}`]],
  updateLimit: [({ limit }) => ['PUT', `/v1/limits/${limit}`, { max: 6 }]],
  deleteLimit: [({ limit }) => ['DELETE', `/v1/limits/${limit}`]],
  createBudget: [
    () => ['POST', '/v1/budgets', { agent_name: name(), amount_usd: 50, period: 'monthly', tags: { team: name() } }],
    () => ['POST', '/v1/budgets', { amount_usd: 50, period: 'weekly', enforcement: 'warn', alert_threshold: 0.8 }],
  ],
  listAgentBudgets: [() => ['GET', '/v1/budgets?limit=5']],
  getBudget: [({ agentBudget }) => ['GET', `/v1/budgets/${agentBudget}`]],
  updateBudget: [({ agentBudget }) => ['PUT', `/v1/budgets/${agentBudget}`, { amount_usd: 75, alert_threshold: 0.9 }]],
  deleteBudget: [({ agentBudget }) => ['DELETE', `/v1/budgets/${agentBudget}`]],
  createAlert: [() => ['POST', '/v1/alerts', ALERT]],
  listAlerts: [() => ['GET', '/v1/alerts']],
  listReachedThresholds: [
    () => ['GET', '/v1/alerts/reached'],
    ({ limit }) => ['GET', `/v1/alerts/reached?limit_id=${limit}&scope=user:u`],
  ],
  getAlert: [({ alert }) => ['GET', `/v1/alerts/${alert}`]],
  listAlertFirings: [({ alert }) => ['GET', `/v1/alerts/${alert}/triggered`]],
  updateAlert: [({ alert }) => ['PUT', `/v1/alerts/${alert}`, { threshold: 75, active: false }]],
  deleteAlert: [({ alert }) => ['DELETE', `/v1/alerts/${alert}`]],
  listEvents: [() => ['GET', '/v1/events']],
  reportEvents: [
    () => ['POST', '/v1/events', reported()],
    () => ['POST', '/v1/events', { events: [reported(), { ...reported(), cost_usd: 0.01, tags: { k: 'v' } }] }],
  ],
  getEvent: [({ event }) => ['GET', `/v1/events/${event}`]],
  getCosts: [
    () => ['GET', `/v1/analytics/costs?${RANGE}`],
    () => ['GET', `/v1/analytics/costs?${RANGE}&group_by=week,entity,tag:workflow&model=gpt-4o-mini`],
  ],
  getUsage: [() => ['GET', '/v1/analytics/usage']],
  listEntities: [() => ['GET', '/v1/entities'], () => ['GET', '/v1/entities?type=ticket&sort_by=last_seen&order=asc']],
  getEntity: [({ entity }) => ['GET', `/v1/entities/ticket/${entity}`]],
  getCostSummary: [() => ['GET', '/v1/cost/summary']],
  getCostBySource: [() => ['GET', '/v1/cost/by-source?model=gpt-4o-mini']],
  getCostByTag: [() => ['GET', '/v1/cost/by-tag'], () => ['GET', '/v1/cost/by-tag?tag=workflow']],
  listCostBudgets: [() => ['GET', '/v1/cost/budgets']],
  listSpend: [() => ['GET', '/v1/ai/spend'], () => ['GET', '/v1/ai/spend?source=openai_api&team=core']],
  getSpendSummary: [() => ['GET', '/v1/ai/spend/summary']],
  getUnitEconomics: [() => ['GET', '/v1/ai/unit-economics']],
  getAgentCost: [({ entity }) => ['GET', `/v1/ai/agents/${entity}/cost`]],
  getWorkflowCost: [({ entity }) => ['GET', `/v1/ai/workflows/${entity}/cost`]],
  createExport: [
    () => ['POST', '/v1/exports', { start_date: '2026-11-01', end_date: '2026-11-30', format: 'csv' }],
    () => ['POST', '/v1/exports', { start_date: '2026-11-01', end_date: '2026-11-02', dataset: 'focus', team: 't' }],
  ],
  listExports: [() => ['GET', '/v1/exports'], () => ['GET', '/v1/exports?status=queued&limit=1']],
  getExport: [({ export: id }) => ['GET', `/v1/exports/${id}`]],
  deleteExport: [({ export: id }) => ['DELETE', `/v1/exports/${id}`]],
  listConfigObjects: [() => ['GET', '/v1/config/objects'], () => ['GET', '/v1/config/objects?kind=virtual_key']],
  markConfigObjects: [
    ({ key }) => ['PUT', '/v1/config/objects', { objects: [{ kind: 'virtual_key', id: key, config_hash: HASH }] }],
  ],
  getReconcile: [() => ['GET', '/v1/health/reconcile']],
  createApiKey: [() => ['POST', '/v1/api-keys', { name: name() }]],
  listApiKeys: [() => ['GET', '/v1/api-keys']],
  deleteApiKey: [({ apiKey }) => ['DELETE', `/v1/api-keys/${apiKey}`]],
  listAuditEvents: [() => ['GET', '/v1/identity/audit']],
  getTenant: [() => ['GET', '/v1/tenant']],
  updateTenant: [
    () => ['PATCH', '/v1/tenant', { name: name(), settings: { budget_exceeded_status: 402, data_retention_days: 90 } }],
  ],
  getPlan: [() => ['GET', '/v1/tenant/plan']],
  getBranding: [() => ['GET', '/v1/tenant/branding']],
  putBranding: [() => ['PUT', '/v1/tenant/branding', { primary_color: '#0a0B0c', custom_domain: 'AI.acme.com' }]],
  getFlagValues: [() => ['GET', FLAGS]],
  getFlag: [() => ['GET', FLAG]],
  putFlag: [() => ['PUT', FLAG, { enabled: false }]],
  deleteFlag: [() => ['DELETE', FLAG]],
  listMembers: [() => ['GET', MEMBERS]],
  inviteMember: [() => ['POST', MEMBERS, { email: `${name()}@acme.com`, role: 'agent' }]],
  getMember: [({ member }) => ['GET', `${MEMBERS}/${member}`]],
  changeRole: [({ member }) => ['PATCH', `${MEMBERS}/${member}/role`, { role: 'auditor' }]],
  removeMember: [({ member }) => ['DELETE', `${MEMBERS}/${member}`]],
  listInvitations: [() => ['GET', INVITATIONS]],
  revokeInvitation: [({ invitation }) => ['DELETE', `${INVITATIONS}/${invitation}`]],
  getMe: [() => ['GET', '/v1/me']],
  changePassword: [() => ['POST', '/v1/auth/password', { current_password: PASSWORD, new_password: name() }]],
  listSsoProviders: [() => ['GET', SSO]],
  createSsoProvider: [() => ['POST', SSO, provider()]],
  getSsoProvider: [({ sso }) => ['GET', `${SSO}/${sso}`]],
  updateSsoProvider: [({ sso }) => ['PUT', `${SSO}/${sso}`, provider()]],
  deleteSsoProvider: [({ sso }) => ['DELETE', `${SSO}/${sso}`]],
  createServiceCredential: [() => ['POST', SERVICES, { name: name(), issuer: 'partner' }]],
  listServiceCredentials: [() => ['GET', SERVICES]],
  deleteServiceCredential: [({ service }) => ['DELETE', `${SERVICES}/${service}`]],
  createAgentCredential: [() => ['POST', AGENTS, { name: name() }]],
  listAgentCredentials: [() => ['GET', AGENTS]],
  deleteAgentCredential: [({ agent }) => ['DELETE', `${AGENTS}/${agent}`]],
  createWebhook: [() => ['POST', HOOKS, { url: HOOK_URL, events: ['cost_event', 'limit.reached'] }]],
  listWebhooks: [() => ['GET', HOOKS]],
  getWebhook: [({ webhook }) => ['GET', `${HOOKS}/${webhook}`]],
  updateWebhook: [({ webhook }) => ['PUT', `${HOOKS}/${webhook}`, { events: ['budget_exceeded'], active: true }]],
  deleteWebhook: [({ webhook }) => ['DELETE', `${HOOKS}/${webhook}`]],
  testWebhook: [({ webhook }) => ['POST', `${HOOKS}/${webhook}/test`]],
  rotateWebhookSecret: [({ webhook }) => ['POST', `${HOOKS}/${webhook}/rotate-secret`, { grace_seconds: 60 }]],
  listWebhookDeliveries: [({ webhook }) => ['GET', `${HOOKS}/${webhook}/deliveries?status=pending&limit=5`]],
  redeliverWebhook: [({ webhook, delivery }) => ['POST', `${HOOKS}/${webhook}/deliveries/${delivery}/redeliver`]],
}

/** Operations that give somebody rights: a credential of one scope alone may not even do those. */
export const GIVES_RIGHTS: readonly string[] = [
  ...['createApiKey', 'createServiceCredential', 'createAgentCredential', 'createSsoProvider', 'updateSsoProvider'],
  ...['inviteMember', 'changeRole', 'removeMember'],
]

type Somebody = {
  tenantId: string
  email: string
  refreshToken: string
  invitationToken: string
  downloadPath: string
  eventId: string
}

/** Good requests of the routes that ask for no principal: by which somebody signs in or joins, and the operator's. */
export const PUBLIC_SAMPLES: Record<string, (who: Somebody) => Call> = {
  acceptInvitation: ({ invitationToken: token }) => ['POST', ACCEPT, { token, name: 'Grace', password: PASSWORD }],
  logIn: ({ email }) => ['POST', '/v1/auth/login', { email, password: PASSWORD }],
  refreshSession: ({ refreshToken }) => ['POST', '/v1/auth/refresh-tokens', { refreshToken }],
  logOut: ({ refreshToken }) => ['POST', '/v1/auth/logout', { refreshToken }],
  setUp: () => ['POST', '/v1/setup', { tenant_name: name() }],
  downloadExport: ({ downloadPath }) => ['GET', downloadPath],
  getQuota: () => ['GET', `${KEYS}/quota`],
  getKeyUsage: () => ['GET', '/v1/me/usage'],
  listKeyEvents: () => ['GET', '/v1/me/events'],
  getKeyEvent: ({ eventId }) => ['GET', `/v1/me/events/${eventId}`],
  listTenants: () => ['GET', ADMIN],
  createTenant: () => ['POST', ADMIN, { name: name(), owner_email: `${name()}@acme.com` }],
  setPlan: ({ tenantId }) => ['PUT', `${ADMIN}/${tenantId}/plan`, { plan: 'scale' }],
  getShard: ({ tenantId }) => ['GET', `${ADMIN}/${tenantId}/shard`],
  moveTenant: ({ tenantId }) => ['PUT', `${ADMIN}/${tenantId}/shard`, { shard: 0 }],
  getRollups: ({ tenantId }) => ['GET', `${ADMIN}/${tenantId}/rollups?start_date=2026-11-01&end_date=2026-11-02`],
  recomputeRollups: ({ tenantId }) => [
    'POST',
    `${ADMIN}/${tenantId}/rollups`,
    { start_date: '2026-11-01', end_date: '2026-11-02' },
  ],
  setStatus: ({ tenantId }) => ['PUT', `${ADMIN}/${tenantId}/status`, { status: 'suspended' }],
}

// A second member, an invitation, a flag and a branding.
async function peopled({ tenantId, call }: Awaited<ReturnType<typeof newTenant>>) {
  const { userId, email } = await newUser()
  await join(userId, { tenantId, role: 'developer' })
  const members: { id: string; email: string }[] = (await call('GET', MEMBERS)).body.data
  const invited = await call('POST', MEMBERS, { email: `${name()}@acme.com`, role: 'finance' })
  await call('PUT', FLAG, { enabled: true, percentage: 50, description: name() })
  await call('PUT', '/v1/tenant/branding', { logo_url: `https://cdn.acme.com/${name()}.svg`, accent_color: '#fff' })
  const member = members.find(one => one.email === email)?.id ?? ''
  return { ids: { member, invitation: invited.body.data.id }, token: invited.body.data.token }
}

// An export that is done, for a long time.
async function exported({ tenantId, call }: Awaited<ReturnType<typeof newTenant>>): Promise<string> {
  const { body } = await call('POST', '/v1/exports', { start_date: '2026-11-01', end_date: '2026-11-30' })
  const done = `UPDATE export_job SET status = 'completed', phase = 'finish', completed_ms = ?2, expires_ms = ?3, bytes = ?4
    WHERE tenant_id = ?1`
  await env.DB.prepare(done).bind(tenantId, NOW, Date.UTC(2100, 0), EXPORTED.length).run()
  return body.id
}

type Furnished = { tenantId: string; ids: { export: string }; call: (...call: Call) => Promise<{ body: unknown }> }

// Its file, and the path at which it is fetched.
async function fileExport({ tenantId, ids, call }: Furnished): Promise<string> {
  await env.ARCHIVE.put(`exports/${tenantId}/${ids.export.slice('exp_'.length)}`, EXPORTED)
  const shown = (await call('GET', `/v1/exports/${ids.export}`)).body as { download_url: string }
  const { pathname, search } = new URL(shown.download_url)
  return pathname + search
}

/** One of everything, made by the API; what is told of it is text. */
async function furnish(control: Control, setupToken?: string) {
  const tenant = await newTenant(control, setupToken)
  const team = await tenant.call('POST', TEAMS, { name: 'team', budget: BUDGET })
  const customer = await tenant.call('POST', CUSTOMERS, { name: 'customer', budget: BUDGET })
  await tenant.call('PUT', '/api/governance/providers/openai', { budget: BUDGET })
  const keys = [{ name: 'k', value: PROVIDER_SECRETS[0] }]
  const account = await tenant.call('POST', ACCOUNTS, { provider: 'own', vendor: 'openai', keys })
  await tenant.call('PUT', COMPLEXITY, { keywords: { code_keywords: ['own'] } })
  const rule = await tenant.call('POST', RULES, {
    ...{ name: 'rule', cel_expression: 'complexity_tier == "COMPLEX"' },
    targets: [{ provider: 'openai', weight: 1 }],
  })
  const limit = await tenant.call('POST', '/v1/limits', LIMIT)
  await insertAlerts(control.ports.events, tenant.tenantId, [alertOf({ limitId: limit.body.data.id })])
  const apiKey = await tenant.call('POST', '/v1/api-keys', { name: 'api' })
  const groups = { team: team.body.team.id, customer: customer.body.customer.id, limit: limit.body.data.id }
  const [sso, service, agent] = [
    await tenant.call('POST', SSO, provider()),
    await tenant.call('POST', SERVICES, { name: 'partner', issuer: 'partner' }),
    await tenant.call('POST', AGENTS, { name: 'agent' }),
  ]
  const credentials = { sso: sso.body.data.id, service: service.body.id, agent: agent.body.key_id }
  const people = await peopled(tenant)
  const model = await tenant.call('POST', MODELS, { model_name: 'gpt-5', budget: BUDGET })
  const override = await tenant.call('POST', PRICES, OVERRIDE)
  // Last, since what is changed before it is written into no snapshot.
  const mcp = await tenant.call('POST', MCP, { ...mcpServer(), allow_on_all_virtual_keys: true })
  const mcp_configs = [{ mcp_client_name: mcp.body.client.config.name, tools_to_execute: ['read'] }]
  const created = await tenant.call('POST', KEYS, { name: 'k', budgets: [BUDGET], mcp_configs })
  const lines: [string, number, number][] = [['input', 5, 1_250_000]]
  const cost_detail = { tier: 'flex', above: null, source: 'pricebook', lines }
  const virtual_key_id = created.body.virtual_key.id
  const entity = name()
  const attribution = { entity_type: 'ticket', entity_id: entity, agent_name: entity, tags: { workflow: entity } }
  const event = makeEvent(NOW, { tenant_id: tenant.tenantId, virtual_key_id, cost_detail, ...attribution })
  await insertEvents(control.ports.events, { tenantId: tenant.tenantId, events: [event] })
  const file = await exported(tenant)
  const pricebook = await tenant.call('POST', PRICEBOOK, { entries: [ENTRY] })
  const named = {
    export: file,
    pricebook: pricebook.body.data.id,
    model: model.body.model_config.id,
    override: override.body.pricing_override.id,
    rule: rule.body.rule.id,
    mcp: mcp.body.client.config.client_id,
  }
  const { id: key, budget } = created.body.virtual_key
  const owned = { ...named, key, budget: budget.id, account: account.body.keys[0].id, apiKey: apiKey.body.id }
  const agentBudget = await tenant.call('POST', '/v1/budgets', { agent_name: 'a', amount_usd: 5, period: 'daily' })
  const hook = await tenant.call('POST', HOOKS, { url: HOOK_URL, events: ['cost_event'] })
  const tested = await tenant.call('POST', `${HOOKS}/${hook.body.id}/test`)
  const alert = await tenant.call('POST', '/v1/alerts', ALERT)
  const hooked = {
    ...{ webhook: hook.body.id, delivery: tested.body.id, agentBudget: agentBudget.body.id },
    alert: alert.body.id,
  }
  const ids: Ids = { ...owned, ...hooked, entity, event: event.id, ...groups, ...credentials, ...people.ids }
  const secrets: string[] = [service.body.secret, agent.body.secret, people.token, hook.body.secret]
  const texts = { virtualKey: created.body.virtual_key.value, apiKeyText: apiKey.body.key, secrets }
  const { adminKey, tenantId } = tenant
  return { adminKey, tenantId, ids, ...texts, invitationToken: people.token as string }
}

/** A tenant with one of everything: the first of a file is made by the API, and the others are copies of its rows. */
export async function inhabitedTenant(control: Control, setupToken?: string) {
  const isCopied = setupToken === undefined && control.ports.nowMs() === NOW
  const made = isCopied ? await copyOf(furnish, control) : await furnish(control, setupToken)
  const call = (...one: Call) => send(control, made.adminKey, one)
  const downloadPath = await fileExport({ ...made, call })
  const signedIn = await newMember(control, { tenantId: made.tenantId, role: 'owner' })
  const { tenantId, invitationToken } = made
  return {
    ...made,
    call,
    member: { ...signedIn, tenantId, invitationToken, downloadPath, eventId: made.ids.event },
  }
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
