import type { ConfigKind } from '../../workers/core/config/config-kind.ts'
import type { Change } from './connect.ts'
import type { Declared, Json, Spec } from './object.ts'
import type { FieldChange } from './plan.ts'

/** The id of what a name stands for; `undefined` where that is still to be made. */
export type Ids = (kind: ConfigKind, name: string) => string | undefined

/** Where the objects of a kind are made, and one of them is changed. */
export const PATHS: Record<ConfigKind, { all: string; one(id: string): string }> = {
  tenant: { all: '', one: () => '/v1/tenant' },
  provider: { all: '/api/providers', one: id => `/api/providers/${encodeURIComponent(id)}` },
  provider_key: { all: '', one: id => id },
  limit: at('/v1/limits'),
  customer: at('/api/governance/customers'),
  team: at('/api/governance/teams'),
  mcp_client: at('/api/mcp/clients'),
  model_config: at('/api/governance/model-configs'),
  virtual_key: at('/api/governance/virtual-keys'),
  pricing_override: at('/api/governance/pricing-overrides'),
  routing_rule: at('/api/governance/routing-rules'),
  webhook: at('/v1/webhooks'),
}

function at(all: string) {
  return { all, one: (id: string) => `${all}/${encodeURIComponent(id)}` }
}

const BEHAVIOUR = {
  on_exceed: null,
  clamp_floor: null,
  downgrade_to: null,
  alert_thresholds: null,
  fiscal_year_start: null,
}

// All limits of an owner at once, each with what it is aligned to: what its owner is, unless it says so itself.
function limitsBody({ budgets, rate_limit }: Spec, isAligned: Json = false): Spec {
  const list = (budgets as Spec[] | undefined) ?? []
  const rate = rate_limit as Spec | undefined
  return {
    budgets: list.map(budget => ({ ...BEHAVIOUR, calendar_aligned: isAligned, ...budget })),
    rate_limit: rate ? { ...BEHAVIOUR, ...rate, replace: true } : {},
  }
}

const LIMIT_FIELDS = ['budgets', 'rate_limit', 'calendar_aligned']

// A group keeps no word of its own on what its limits are aligned to. A key does: said again, it would be said of its grants too.
function ownedLimits({ spec, changed }: Fields, isKept: boolean): Spec {
  if (!LIMIT_FIELDS.some(changed)) return {}
  const isSaid = !isKept || changed('calendar_aligned')
  return {
    ...limitsBody(spec, spec.calendar_aligned),
    ...(isSaid && { calendar_aligned: spec.calendar_aligned ?? false }),
  }
}

function grantBody(grant: Spec, { spec: key, ids }: Fields): Spec {
  const { provider, keys, weight, allowed_models, blacklisted_models } = grant
  const key_ids = (keys as string[] | undefined)?.map(key => ids('provider_key', `${provider}/${key}`) ?? key) ?? ['*']
  const lists = { allowed_models: allowed_models ?? [], blacklisted_models: blacklisted_models ?? [] }
  return {
    provider: provider ?? '',
    weight: weight ?? null,
    key_ids,
    ...lists,
    ...limitsBody(grant, key.calendar_aligned),
  }
}

function toolsBody({ mcp_configs }: Spec): Spec[] {
  return ((mcp_configs as Spec[] | undefined) ?? []).map(one => ({ tools_to_execute: [], ...one }))
}

const KEY_DEFAULTS: Spec = {
  ...{ description: '', is_active: true, expires_at: '', meter: null, reliability: null },
  ...{ admission_mode: null, settlement: null, expected_output_tokens: null },
}

type Fields = { spec: Spec; changed: (field: string) => boolean; ids: Ids; isNew: boolean }

function plainFields({ spec, changed }: Fields, defaults: Spec): Spec {
  const names = Object.keys(defaults).filter(changed)
  return Object.fromEntries(names.map(name => [name, spec[name] ?? defaults[name] ?? null]))
}

// Moved to a team, a key leaves its customer without that being said; to say both is refused.
function ownerBody({ spec, changed, ids }: Fields): Spec {
  if (!changed('team') && !changed('customer')) return {}
  if (spec.team) return { team_id: ids('team', String(spec.team)) ?? null }
  if (spec.customer) return { customer_id: ids('customer', String(spec.customer)) ?? null }
  return { team_id: '', customer_id: '' }
}

function keyBody(fields: Fields): Spec {
  const { spec, changed } = fields
  const grants = ((spec.provider_configs as Spec[] | undefined) ?? []).map(grant => grantBody(grant, fields))
  const aligned = changed('calendar_aligned')
  return {
    name: spec.name ?? '',
    ...plainFields(fields, KEY_DEFAULTS),
    ...ownerBody(fields),
    ...(changed('mcp_configs') && { mcp_configs: toolsBody(spec) }),
    ...(changed('provider_configs') || aligned ? { provider_configs: grants } : {}),
    ...ownedLimits(fields, true),
  }
}

function groupBody(fields: Fields): Spec {
  const { spec, changed, ids } = fields
  const customer_id = spec.customer ? (ids('customer', String(spec.customer)) ?? null) : ''
  return { name: spec.name ?? '', ...(changed('customer') && { customer_id }), ...ownedLimits(fields, false) }
}

function accountBody({ spec, changed, isNew }: Fields): Spec {
  const network = (spec.network_config as Spec | undefined) ?? {}
  const timeouts = { default_request_timeout_in_seconds: 0, stream_idle_timeout_in_seconds: 0 }
  const network_config = isNew ? network : { base_url: '', ...timeouts, ...network }
  return {
    provider: spec.provider ?? '',
    ...(changed('vendor') || isNew ? { vendor: spec.vendor ?? spec.provider ?? '' } : {}),
    ...(changed('region') && { region: spec.region ?? '' }),
    ...(changed('residency') && { residency: spec.residency ?? '' }),
    ...(changed('network_config') && { network_config }),
  }
}

const SETTINGS: Record<string, Spec> = {
  azure_key_config: { endpoint: '', api_version: '', deployments: {} },
  vertex_key_config: { project_id: '', region: '' },
  bedrock_key_config: { region: '' },
}

function settingsBody({ spec, changed }: Fields, { secrets = {} }: Declared): Spec {
  const all = Object.entries(SETTINGS).filter(([name]) => changed(name))
  const bodies = all.map(([name, empty]) => [name, { ...empty, ...(spec[name] as Spec | undefined) }] as const)
  const settings: Spec = Object.fromEntries(bodies)
  const bedrock = settings.bedrock_key_config as Spec | undefined
  if (bedrock) settings.bedrock_key_config = { ...bedrock, access_key: secrets.access_key ?? '' }
  return settings
}

// A session token is a part of its secret, and comes with it.
function secretBody(spec: Spec, { value, session_token }: NonNullable<Declared['secrets']>): Spec {
  if (session_token === undefined) return { value: value ?? '' }
  const settings = spec.bedrock_key_config as Spec | undefined
  return { bedrock_key_config: { ...settings, secret_key: value ?? '', session_token } }
}

function providerKeyBody(fields: Fields, declared: Declared): Spec {
  const { spec, changed } = fields
  const plain = plainFields(fields, { weight: 1, models: ['*'], blacklisted_models: [], enabled: true })
  const settings = settingsBody(fields, declared)
  const secret = changed('value') ? secretBody(settings, declared.secrets ?? {}) : {}
  return { name: spec.name ?? '', ...plain, ...settings, ...secret }
}

function clientBody(fields: Fields, { secrets = {} }: Declared): Spec {
  const { spec, changed } = fields
  const defaults = {
    connection_type: '',
    connection_string: '',
    tools_to_execute: [],
    allow_on_all_virtual_keys: false,
  }
  const plain = plainFields(fields, { ...defaults, tool_execution_timeout: 0, is_active: true })
  return { name: spec.name ?? '', ...plain, ...(changed('headers') && { headers: secrets }) }
}

function limitBody({ spec, isNew }: Fields, tenantId: string): Spec {
  const { scope, unit, ...size } = spec
  const named = { scope: scope === 'tenant' ? `tenant:${tenantId}` : (scope ?? ''), unit: unit ?? '' }
  return { ...(isNew && named), ...BEHAVIOUR, calendar_aligned: false, ...size }
}

function overrideBody({ spec, ids }: Fields): Spec {
  const { virtual_key, provider, provider_key, ...rest } = spec
  const id = (kind: ConfigKind, name: Json | undefined) => (name ? (ids(kind, String(name)) ?? String(name)) : null)
  return {
    ...{ scope_kind: 'global', match_type: 'exact', patch: {} },
    ...rest,
    ...{ virtual_key_id: id('virtual_key', virtual_key), provider_id: provider ?? null },
    provider_key_id: id('provider_key', provider_key),
  }
}

function targetBody({ key, ...target }: Spec, ids: Ids): Spec {
  return key ? { ...target, key_id: ids('provider_key', `${target.provider}/${key}`) ?? key } : target
}

function ruleBody({ spec, ids }: Fields): Spec {
  const { scope_name, targets, ...rest } = spec
  const scope = (spec.scope ?? 'global') as ConfigKind | 'global'
  const owner = scope === 'global' ? {} : { scope_id: ids(scope, String(scope_name)) ?? '' }
  return {
    ...{ description: '', enabled: true, cel_expression: '', fallbacks: [], priority: 0, chain_rule: false, query: {} },
    ...rest,
    ...{ scope, ...owner },
    targets: ((targets as Spec[] | undefined) ?? []).map(target => targetBody(target, ids)),
  }
}

// Its secret is given once: what the API shows of a webhook would not tell another one from it.
function webhookBody({ spec, changed, isNew }: Fields, { secrets = {} }: Declared): Spec {
  const { url = '', events = [], active = true } = spec
  return {
    url,
    ...(changed('events') && { events }),
    ...((isNew || changed('active')) && { active }),
    ...(isNew && secrets),
  }
}

function tenantBody({ spec, changed }: Fields): Spec {
  const { name, ...settings } = spec
  const asked = Object.entries(settings).filter(([field]) => changed(field))
  return {
    ...(name !== undefined && changed('name') && { name }),
    ...(asked.length > 0 && { settings: Object.fromEntries(asked) }),
  }
}

const BODIES: Record<ConfigKind, (fields: Fields, declared: Declared, tenantId: string) => Spec> = {
  tenant: tenantBody,
  customer: groupBody,
  team: groupBody,
  provider: accountBody,
  provider_key: providerKeyBody,
  mcp_client: clientBody,
  model_config: ({ spec }) => spec,
  limit: (fields, _, tenantId) => limitBody(fields, tenantId),
  virtual_key: keyBody,
  pricing_override: overrideBody,
  routing_rule: ruleBody,
  webhook: webhookBody,
}

/** What a body is made of: what is declared, and of an update the fields that differ. */
export type BodyOf = { declared: Declared; changes?: FieldChange[] | undefined; ids: Ids; tenantId: string }

/** The body that makes an object, or changes the fields of one that differ and no others. */
export function bodyOf({ declared, changes, ids, tenantId }: BodyOf): Spec {
  const fields = new Set(changes?.map(({ field }) => field))
  const changed = (field: string) => (changes ? fields.has(field) : field in declared.spec)
  return BODIES[declared.kind]({ spec: declared.spec, changed, ids, isNew: !changes }, declared, tenantId)
}

/** Where keys of an account are made, or one of them is changed. */
export function providerKeyPath(name: string, id?: string): string {
  const account = name.slice(0, name.indexOf('/'))
  const all = `${PATHS.provider.one(account)}/keys`
  return id === undefined ? all : `${all}/${encodeURIComponent(id)}`
}

/** The method that changes an object of a kind. */
export function updateMethod(kind: ConfigKind): Change['method'] {
  return kind === 'tenant' ? 'PATCH' : 'PUT'
}
