import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ReliabilityInput } from '../contracts/reliability.ts'
import type { HourStatement } from '../contracts/usage-message.ts'
import type { AuditAction } from '../core/access/audit-action.ts'
import type { Plan } from '../core/access/plan.ts'
import type { Role } from '../core/access/role.ts'
import type { Scope } from '../core/access/scope.ts'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { StoredSettings } from '../core/access/tenant-settings.ts'
import type { OverrideScope, PriceOverride, PricePatch } from '../core/pricing/price-override.ts'
import type { RequestType } from '../core/pricing/request-type.ts'
import type { OnExceed, Unit } from '../core/quota/limit.ts'
import type { RuleScope, RuleTarget } from '../core/rules/routing-rule.ts'
import type { KeySet, SsoAlgorithm } from '../core/sign-in/key-set.ts'
import type { KeyHandling, KeyMeters, KeySnapshot, Patience, ScopeSnapshot } from '../core/snapshot.ts'
import type { CostDetail, RecordedOutcome } from '../core/usage.ts'

// The constraints and indexes are in d1-migrations; test/db/schema.test.ts holds the two together.

/** An organisation. Every other row but a dead letter belongs to one. */
export const tenant = sqliteTable('tenant', {
  id: text().$type<TenantId>().primaryKey(),
  name: text().notNull(),
  createdMs: integer('created_ms').notNull(),
  /** `null`: the deployment's default. */
  plan: text().$type<Plan>(),
  /** Where a browser may call from in the tenant's name; `null`: nowhere. */
  allowedOrigins: text('allowed_origins', { mode: 'json' }).$type<string[]>(),
  /** What it calls itself; `null`: by its name, which is the operator's word for it. */
  displayName: text('display_name'),
  settings: text({ mode: 'json' }).$type<StoredSettings>().notNull(),
  /** `null`: it is not suspended. */
  suspendedMs: integer('suspended_ms'),
  updatedMs: integer('updated_ms'),
  version: integer().notNull(),
})

/** Who may become a member, once, with the token of this hash. */
export const invitation = sqliteTable(
  'invitation',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    email: text().notNull(),
    role: text().$type<Role>().notNull(),
    tokenHash: text('token_hash').notNull(),
    /** Who invited: `KIND:ID`. */
    createdBy: text('created_by').notNull(),
    createdMs: integer('created_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
    acceptedMs: integer('accepted_ms'),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** How a tenant's pages look. */
export const branding = sqliteTable('branding', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  logoUrl: text('logo_url'),
  primaryColor: text('primary_color'),
  accentColor: text('accent_color'),
  backgroundColor: text('background_color'),
  customDomain: text('custom_domain'),
  updatedMs: integer('updated_ms').notNull(),
  version: integer().notNull(),
})

/** A switch that is on for all, for some roles, or for a part of those who look. */
export const featureFlag = sqliteTable(
  'feature_flag',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    isEnabled: integer('is_enabled', { mode: 'boolean' }).notNull(),
    percentage: integer().notNull(),
    /** `null`: of any role. */
    roles: text({ mode: 'json' }).$type<Role[]>(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.name] })],
)

/** One row once the deployment has its first tenant. */
export const setupState = sqliteTable('setup_state', {
  id: integer().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  doneMs: integer('done_ms').notNull(),
})

/** A key of the management API. `keyHash` is the base64url SHA-256 of its text; a revoked one keeps its row. */
export const adminKey = sqliteTable('admin_key', {
  id: text().primaryKey(),
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  name: text().notNull(),
  keyHash: text('key_hash').notNull(),
  role: text().notNull(),
  createdMs: integer('created_ms').notNull(),
  revokedMs: integer('revoked_ms'),
})

/** A key of the management API that a tenant made itself; `keyHash` as in `adminKey`. A revoked one keeps its row. */
export const apiKey = sqliteTable(
  'api_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    /** The beginning of its text, to be told by. */
    prefix: text().notNull(),
    keyHash: text('key_hash').notNull(),
    role: text().$type<Role>().notNull(),
    scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
    /** Who made it: `KIND:ID`. */
    createdBy: text('created_by').notNull(),
    expiresMs: integer('expires_ms'),
    /** True to a minute. */
    lastUsedMs: integer('last_used_ms'),
    createdMs: integer('created_ms').notNull(),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A person. `passwordHash` is a whole scrypt record; `null`: no sign-in by password. */
export const user = sqliteTable('user', {
  id: text().primaryKey(),
  /** Normalised. */
  email: text().notNull(),
  name: text().notNull(),
  passwordHash: text('password_hash'),
  disabledMs: integer('disabled_ms'),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
})

/** What a user is in a tenant. Only `active` ones are let in. */
export const member = sqliteTable(
  'member',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    userId: text('user_id').notNull(),
    role: text().$type<Role>().notNull(),
    status: text().$type<'active' | 'suspended'>().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
    /** What it is called here; `null`: it never said. */
    name: text(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A refresh token by its hash. All that came from one sign-in are a family, of which one is not used yet. */
export const refreshToken = sqliteTable(
  'refresh_token',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    tokenHash: text('token_hash').notNull(),
    familyId: text('family_id').notNull(),
    userId: text('user_id').notNull(),
    createdMs: integer('created_ms').notNull(),
    expiresMs: integer('expires_ms').notNull(),
    usedMs: integer('used_ms'),
    revokedMs: integer('revoked_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.tokenHash] })],
)

/** An issuer whose JWTs a tenant lets in, and the keys that its address last answered. */
export const ssoProvider = sqliteTable(
  'sso_provider',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    issuer: text().notNull(),
    audience: text().notNull(),
    /** `null`: the issuer's discovery document names it. */
    jwksUri: text('jwks_uri'),
    algorithms: text({ mode: 'json' }).$type<SsoAlgorithm[]>().notNull(),
    emailClaim: text('email_claim').notNull(),
    roleClaim: text('role_claim'),
    roleMapping: text('role_mapping', { mode: 'json' }).$type<Record<string, Role>>().notNull(),
    defaultRole: text('default_role').$type<Role>(),
    /** Whether whoever it vouches for becomes a member. */
    makesMembers: integer('makes_members', { mode: 'boolean' }).notNull(),
    keySet: text('key_set', { mode: 'json' }).$type<KeySet>(),
    keySetMs: integer('key_set_ms'),
    askedMs: integer('asked_ms'),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    version: integer().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

const credentialColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  name: text().notNull(),
}

const sealedColumns = {
  scopes: text({ mode: 'json' }).$type<Scope[]>().notNull(),
  /** Who made it: `KIND:ID`. */
  createdBy: text('created_by').notNull(),
  createdMs: integer('created_ms').notNull(),
  revokedMs: integer('revoked_ms'),
}

/** What a partner signs its JWTs with. A revoked one keeps its row. */
export const serviceCredential = sqliteTable(
  'service_credential',
  {
    ...credentialColumns,
    /** The `iss` of its tokens. */
    issuer: text().notNull(),
    secretSealed: text('secret_sealed').notNull(),
    role: text().$type<Role>().notNull(),
    ...sealedColumns,
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What an agent signs its requests with. A revoked one keeps its row. */
export const agentCredential = sqliteTable(
  'agent_credential',
  { ...credentialColumns, secretSealed: text('secret_sealed').notNull(), ...sealedColumns },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** One change by somebody. Triggers refuse to change or delete a row. */
export const auditEvent = sqliteTable(
  'audit_event',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    atMs: integer('at_ms').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id').notNull(),
    action: text().$type<AuditAction>().notNull(),
    resourceType: text('resource_type').notNull(),
    resourceId: text('resource_id').notNull(),
    before: text({ mode: 'json' }).$type<unknown>(),
    after: text({ mode: 'json' }).$type<unknown>(),
    requestId: text('request_id').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What was answered to a creation that named an `Idempotency-Key`; `status` is `null` while it is being made. */
export const idempotentAnswer = sqliteTable(
  'idempotent_answer',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    operation: text().notNull(),
    key: text().notNull(),
    fingerprint: text().notNull(),
    /** Of the request that is making it: one whose claim has run out must not write over that of another. */
    claim: text().notNull(),
    status: integer(),
    contentType: text('content_type'),
    body: text(),
    expiresMs: integer('expires_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.operation, table.key] })],
)

const groupColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  name: text().notNull(),
}

const versionColumns = {
  /** Grows by one with every change of the row or its limits. */
  version: integer().notNull(),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
  deletedMs: integer('deleted_ms'),
}

/** A customer of the tenant's: teams and keys may belong to it. */
export const customer = sqliteTable('customer', { ...groupColumns, ...versionColumns }, table => [
  primaryKey({ columns: [table.tenantId, table.id] }),
])

/** A team: keys may belong to it, and it to a customer. */
export const team = sqliteTable(
  'team',
  { ...groupColumns, customerId: text('customer_id'), ...versionColumns },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** One provider of a virtual key, as stored. `keyIds` names provider keys: `null` and `['*']` allow all, `[]` none. */
export type ProviderConfig = {
  /** Unique within its virtual key; names the rows of its budgets and rate limit. */
  id: number
  provider: string
  weight: number | null
  allowedModels: string[]
  blacklistedModels: string[]
  keyIds: string[] | null
}

/** A virtual key. Its text is stored nowhere: `maskedValue` is for people, `keyHash` for the check. */
export const virtualKey = sqliteTable(
  'virtual_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    maskedValue: text('masked_value').notNull(),
    keyHash: text('key_hash').notNull(),
    isActive: integer('is_active', { mode: 'boolean' }).notNull(),
    expiresMs: integer('expires_ms'),
    providerConfigs: text('provider_configs', { mode: 'json' }).$type<ProviderConfig[]>().notNull(),
    calendarAligned: integer('calendar_aligned', { mode: 'boolean' }).notNull(),
    /** A key belongs to a team, to a customer, or to neither. */
    teamId: text('team_id'),
    customerId: text('customer_id'),
    ...versionColumns,
    /** `expectedOutputTokens` may be set where it is `expected`. */
    admissionMode: text('admission_mode').$type<KeyHandling['admission']>().notNull(),
    expectedOutputTokens: integer('expected_output_tokens'),
    settlement: text().$type<KeyHandling['settlement']>().notNull(),
    /** `null`, both: never set, so that the one meter owns the key's limits. Never `null` again. */
    meterRegions: text('meter_regions').$type<KeyMeters['regions']>(),
    meterShards: integer('meter_shards'),
    /** `null`: the defaults. */
    reliability: text({ mode: 'json' }).$type<ReliabilityInput>(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

const limitColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  /** Whom it binds; see `core/quota/scope.ts`. */
  scope: text().notNull(),
  /** The key that it is a limit of; `null` for limits of all other scopes. */
  virtualKeyId: text('virtual_key_id'),
  /** `null`: of the owner itself; otherwise of this one of the key's provider configs. */
  providerConfigId: integer('provider_config_id'),
}

const windowColumns = {
  calendarAligned: integer('calendar_aligned', { mode: 'boolean' }).notNull(),
  /** Where the lattice of its rolling windows begins: when the row was made. */
  anchorMs: integer('anchor_ms').notNull(),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
}

const behaviourColumns = {
  onExceed: text('on_exceed').$type<OnExceed['kind']>().notNull(),
  /** The fewest output tokens that `clamp` leaves; `null` for all others. */
  clampFloor: integer('clamp_floor'),
  /** The model that `downgrade` takes; `null` for all others. */
  downgradeTo: text('downgrade_to'),
  /** Whole percents of the maximum, sorted; `null` for none. */
  thresholds: text({ mode: 'json' }).$type<number[]>(),
  /** `MM-DD`, of aligned windows of whole months; `null` for January 1. */
  fiscalYearStart: text('fiscal_year_start'),
}

/** A maximum of money per window. What was spent of it is known to the meter or the scope's budget object alone. */
export const budget = sqliteTable(
  'budget',
  {
    ...limitColumns,
    maxLimitNano: integer('max_limit_nano').notNull(),
    resetDuration: text('reset_duration').notNull(),
    ...windowColumns,
    ...behaviourColumns,
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** Maxima of tokens and of requests per window, and of requests at the same time; each may be absent. */
export const rateLimit = sqliteTable(
  'rate_limit',
  {
    ...limitColumns,
    tokenMaxLimit: integer('token_max_limit'),
    tokenResetDuration: text('token_reset_duration'),
    requestMaxLimit: integer('request_max_limit'),
    requestResetDuration: text('request_reset_duration'),
    inFlightMaxLimit: integer('in_flight_max_limit'),
    ...windowColumns,
    ...behaviourColumns,
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What a key's meter is told. `pushedVersion` is the newest version that the meter is known to have. */
export const keySnapshot = sqliteTable(
  'key_snapshot',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    keyId: text('key_id').notNull(),
    version: integer().notNull(),
    pushedVersion: integer('pushed_version').notNull(),
    body: text({ mode: 'json' }).$type<KeySnapshot>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.keyId] })],
)

/** What a scope's budget object is told; `pushedVersion` as in `keySnapshot`. */
export const scopeSnapshot = sqliteTable(
  'scope_snapshot',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    scope: text().notNull(),
    version: integer().notNull(),
    pushedVersion: integer('pushed_version').notNull(),
    body: text({ mode: 'json' }).$type<ScopeSnapshot>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.scope] })],
)

/** A tenant's own account at a provider. `vendor`, `baseUrl`, `patience` and their like are those of `ProviderAccount`. */
export const providerAccount = sqliteTable(
  'provider_account',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    name: text().notNull(),
    vendor: text().notNull(),
    baseUrl: text('base_url'),
    region: text(),
    residency: text(),
    patience: text({ mode: 'json' }).$type<Patience>(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    deletedMs: integer('deleted_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.name] })],
)

/** A key of such an account. `maskedValue` is for people; what `sealed` is, the migration says. */
export const providerKey = sqliteTable(
  'provider_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    account: text().notNull(),
    name: text().notNull(),
    weight: real().notNull(),
    models: text({ mode: 'json' }).$type<string[]>().notNull(),
    blacklistedModels: text('blacklisted_models', { mode: 'json' }).$type<string[]>().notNull(),
    settings: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    sealed: text().notNull(),
    maskedValue: text('masked_value').notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    /** When its secret was last replaced. */
    rotatedMs: integer('rotated_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What models cost a tenant where that is not as the price lists have it; `patch` as it was said, `rates` as snapshots have it. */
export const pricingOverride = sqliteTable(
  'pricing_override',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    scopeKind: text('scope_kind').$type<OverrideScope>().notNull(),
    virtualKeyId: text('virtual_key_id'),
    providerId: text('provider_id'),
    providerKeyId: text('provider_key_id'),
    matchType: text('match_type').$type<PriceOverride['matchType']>().notNull(),
    pattern: text().notNull(),
    requestTypes: text('request_types', { mode: 'json' }).$type<RequestType[]>().notNull(),
    patch: text({ mode: 'json' }).$type<Record<string, number>>().notNull(),
    rates: text({ mode: 'json' }).$type<PricePatch>().notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A model whose limits the governance API keeps, at one provider or (`null`) at any. `scope` is whose the limits are. */
export const modelConfig = sqliteTable(
  'model_config',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    modelName: text('model_name').notNull(),
    provider: text(),
    scope: text().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** One row per attempt of a call, and per correction; its fields and their units are those of `RecordedEvent`. */
export const usageEvent = sqliteTable(
  'usage_event',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    id: text().notNull(),
    virtual_key_id: text().notNull(),
    request_id: text().notNull(),
    attempt: integer().notNull(),
    revision: integer().notNull(),
    timestamp_ms: integer().notNull(),
    admitted_ms: integer().notNull(),
    settled_ms: integer().notNull(),
    provider: text().notNull(),
    model: text().notNull(),
    requested_model: text().notNull(),
    priced_model: text().notNull(),
    pricebook_version: text().notNull(),
    is_stream: integer({ mode: 'boolean' }).notNull(),
    feature: text(),
    team: text(),
    agent_name: text(),
    user_id: text(),
    entity_type: text(),
    entity_id: text(),
    tags: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    cached_input_tokens: integer().notNull(),
    cache_write_tokens: integer().notNull(),
    reasoning_tokens: integer().notNull(),
    cost_nano: integer().notNull(),
    held_nano: integer().notNull(),
    overrun_nano: integer().notNull(),
    latency_ms: integer().notNull(),
    first_byte_ms: integer(),
    http_status: integer(),
    success: integer({ mode: 'boolean' }).notNull(),
    outcome: text().$type<RecordedOutcome>().notNull(),
    service_tier: text(),
    cost_detail: text({ mode: 'json' }).$type<CostDetail>(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.id] })],
)

const rollupDimensions = {
  provider: text().notNull(),
  model: text().notNull(),
  virtual_key_id: text().notNull(),
}

const rollupSums = {
  events: integer().notNull(),
  successes: integer().notNull(),
  input_tokens: integer().notNull(),
  output_tokens: integer().notNull(),
  cached_input_tokens: integer().notNull(),
  cache_write_tokens: integer().notNull(),
  reasoning_tokens: integer().notNull(),
  cost_nano: integer().notNull(),
  overrun_nano: integer().notNull(),
}

/** Sums of a UTC hour's events. A sum of nano-dollars is exact in JavaScript below 2^53, which is above $9 million. */
export const rollupHour = sqliteTable(
  'rollup_hour',
  { tenant_id: text().$type<TenantId>().notNull(), hour_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.provider, t.model, t.virtual_key_id] })],
)

/** Sums of a UTC day's events, made from its hours. True only of days without a dirty hour; money as in `rollupHour`. */
export const rollupDay = sqliteTable(
  'rollup_day',
  { tenant_id: text().$type<TenantId>().notNull(), day_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.day_ms, t.provider, t.model, t.virtual_key_id] })],
)

/** Hours whose events have changed since they were rolled up. */
export const dirtyHour = sqliteTable(
  'dirty_hour',
  { tenant_id: text().$type<TenantId>().notNull(), hour_ms: integer().notNull() },
  table => [primaryKey({ columns: [table.tenant_id, table.hour_ms] })],
)

/** What a meter says of one of its hours; see the migration for `change_seq`, `reconciled_seq` and `due_ms`. */
export const meterHour = sqliteTable(
  'meter_hour',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    virtual_key_id: text().notNull(),
    meter: text().notNull(),
    revision: integer().notNull(),
    events: integer().notNull(),
    cost_nano: integer().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    limits: text({ mode: 'json' }).$type<HourStatement['limits']>().notNull(),
    received_ms: integer().notNull(),
    due_ms: integer().notNull(),
    change_seq: integer().notNull(),
    reconciled_seq: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.virtual_key_id, t.meter] })],
)

/** What a run of the reconcile job did for one tenant. */
export const reconcileRun = sqliteTable(
  'reconcile_run',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    run_ms: integer().notNull(),
    hours: integer().notNull(),
    differences: integer().notNull(),
    corrections: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.run_ms] })],
)

/** What a difference is of: a total of a key's hour, a limit's amount, or an hour's rollup. */
export type DifferenceKind = 'events' | 'cost_nano' | 'input_tokens' | 'output_tokens' | 'limit' | 'rollup'

/** Where D1 and a meter differed, or D1 and its own sums. Whole units of the kind. */
export const reconcileDifference = sqliteTable(
  'reconcile_difference',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    virtual_key_id: text().notNull(),
    kind: text().$type<DifferenceKind>().notNull(),
    subject: text().notNull(),
    expected: integer().notNull(),
    found: integer().notNull(),
    first_seen_ms: integer().notNull(),
    seen_ms: integer().notNull(),
    corrected_ms: integer(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.virtual_key_id, t.kind, t.subject] })],
)

/** A threshold of a limit that was reached in a window; whole units of the limit. */
export const limitAlert = sqliteTable(
  'limit_alert',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    limit_id: text().notNull(),
    start_ms: integer().notNull(),
    threshold: integer().notNull(),
    scope: text().notNull(),
    unit: text().$type<Unit>().notNull(),
    end_ms: integer().notNull(),
    max: integer().notNull(),
    used: integer().notNull(),
    noticed_ms: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.limit_id, t.start_ms, t.threshold] })],
)

/** Queue messages that could not be booked, kept whole for a person to read. */
export const deadLetter = sqliteTable('dead_letter', {
  id: text().primaryKey(),
  receivedMs: integer('received_ms').notNull(),
  queue: text().notNull(),
  reason: text().notNull(),
  body: text().notNull(),
})

/** A routing rule. `targets` and `fallbacks` are as snapshots have them; `query` is what an editor keeps of its own. */
export const routingRule = sqliteTable(
  'routing_rule',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    expression: text().notNull(),
    targets: text({ mode: 'json' }).$type<RuleTarget[]>().notNull(),
    fallbacks: text({ mode: 'json' }).$type<string[]>().notNull(),
    query: text({ mode: 'json' }).$type<unknown>(),
    scope: text().$type<RuleScope>().notNull(),
    /** Empty where the scope is `global`. */
    scopeId: text('scope_id').notNull(),
    isChained: integer('chain_rule', { mode: 'boolean' }).notNull(),
    priority: integer().notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)
