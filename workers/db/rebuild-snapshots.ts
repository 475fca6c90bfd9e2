import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { RULE_SCOPES, type RuleScope } from '../core/rules/routing-rule.ts'
import { mcpOfKey } from './mcp-of-key.ts'
import { overridesOfKey, pricebookOf } from './overrides-of-key.ts'

// The shapes of a `Limit` (core/quota/limit.ts); test/control/limit-behaviour.test.ts holds them together with those that
// governance/limits-of.ts makes. What is NULL is its default, and `json_patch` leaves it out.
const ON_EXCEED = `json(CASE on_exceed WHEN 'warn' THEN json_object('kind', on_exceed)
  WHEN 'clamp' THEN json_object('kind', on_exceed, 'minOutputTokens', clamp_floor)
  WHEN 'downgrade' THEN json_object('kind', on_exceed, 'model', downgrade_to) END)`
const YEAR_START = `json(CASE WHEN fiscal_year_start <> '01-01' THEN json_object(
  'month', CAST(substr(fiscal_year_start, 1, 2) AS INTEGER), 'day', CAST(substr(fiscal_year_start, 4) AS INTEGER)) END)`
const WINDOW = `json_object('duration', duration, 'isAligned', json(iif(calendar_aligned, 'true', 'false')),
  'anchorMs', anchor_ms, 'yearStart', ${YEAR_START})`
const EXTRA = `json(CASE WHEN override_amount_nano IS NOT NULL THEN json_object(
  'amount', override_amount_nano, 'fromMs', override_from_ms, 'untilMs', override_until_ms) END)`
/** A row of `scope_limit` as JSON, in the column `body`. */
export const LIMIT = sql.raw(`json_patch('{}', json_object('id', id, 'scope', scope, 'unit', unit, 'max', max,
  'window', ${WINDOW}, 'extra', ${EXTRA}, 'onExceed', ${ON_EXCEED}, 'thresholds', json(thresholds))) AS body`)
const ORDER = sql.raw('breadth, place, seq')

/** Which limits can bind any key of a tenant: all but those of keys, teams and customers (d1-migrations/0001_init.sql). */
export const IS_WIDE = sql.raw('virtual_key_id IS NULL AND breadth IN (1, 2, 3, 4, 5, 8, 9, 10, 11)')

/** The limits of a scope as JSON, in their order. */
export function limitsOfScope(owner: { tenantId: TenantId; scope: string }): SQL {
  return sql`(SELECT json_group_array(json(body)) FROM (SELECT ${LIMIT} FROM scope_limit
    WHERE tenant_id = ${owner.tenantId} AND scope = ${owner.scope} ORDER BY place, seq))`
}

// What lies in a snapshot already is read from there: SQLite looks limits up by scope for one scope, not for each of many.
function groupLimits(tenantId: TenantId, breadth: number, scope: SQL): SQL {
  return sql`SELECT one.value AS body, ${sql.raw(String(breadth))} AS breadth, 0 AS place, one.key AS seq
    FROM scope_snapshot AS owner, json_each(owner.body, '$.limits') AS one
    WHERE owner.tenant_id = ${tenantId} AND owner.scope = ${scope}`
}

function limitsOfKey(tenantId: TenantId): SQL {
  return sql`(SELECT json_group_array(json(body)) FROM (
    SELECT value AS body, 0 AS breadth, 0 AS place, key AS seq FROM json_each(key_snapshot.body, '$.limits')
      WHERE value ->> 'scope' GLOB 'virtual_key:*'
    UNION ALL ${groupLimits(tenantId, 6, sql`'team:' || k.team_id`)}
    UNION ALL ${groupLimits(tenantId, 7, sql`'customer:' || coalesce(k.customer_id, team.customer_id)`)}
    UNION ALL SELECT body, ${ORDER} FROM wide
    ORDER BY ${ORDER}))`
}

// A key without provider configs may use all, where its tenant wants it so. Not NULL where it does not: `OR` follows.
const ANY = `(coalesce(tenant.settings ->> 'governance_compat', '') = '1.4' AND k.provider_configs = '[]')`
const ALLOWS_ANY = sql.raw(ANY)
// What differs from the default is said, and all else is left out: a NULL in a patch takes the member away.
const OF_TENANT = sql.raw(`json_object(
  'tenantSettings', json(CASE WHEN coalesce(tenant.settings ->> 'governance_compat',
      tenant.settings ->> 'budget_exceeded_status', tenant.settings ->> 'required_headers') IS NOT NULL
    THEN json_object('governanceCompat', tenant.settings ->> 'governance_compat',
      'budgetExceededStatus', tenant.settings ->> 'budget_exceeded_status',
      'requiredHeaders', json(tenant.settings -> 'required_headers')) END),
  'allowsAnyProvider', json(CASE WHEN ${ANY} THEN 'true' END))`)
const IS_ACTIVE = sql.raw(
  `json(iif(k.is_active AND k.deleted_ms IS NULL AND tenant.suspended_ms IS NULL, 'true', 'false'))`,
)

// The shapes of an `AccountKey` and a `ProviderAccount` (core/snapshot.ts); `sealed` goes as it lies.
const ACCOUNT_KEY = sql.raw(`json_object('id', id, 'name', name, 'weight', weight, 'models', json(models),
  'blacklistedModels', json(blacklisted_models), 'sealed', sealed, 'settings', json(settings))`)
const ACCOUNT = sql.raw(`'name', one.name, 'vendor', one.vendor, 'baseUrl', one.base_url, 'region', one.region,
  'residency', one.residency`)

function keysOfAccount(tenantId: TenantId): SQL {
  return sql`(SELECT json_group_array(json(body)) FROM (SELECT ${ACCOUNT_KEY} AS body FROM provider_key
    WHERE tenant_id = ${tenantId} AND account = one.name AND enabled ORDER BY created_ms, name))`
}

// NULL for none, which `json_patch` takes for absent. An account without a key that is enabled is there all the same, or the
// deployment's own would be used in its place.
function accountsOfKey(tenantId: TenantId): SQL {
  const account = sql`json_object(${ACCOUNT}, 'keys', json(${keysOfAccount(tenantId)}), 'patience', json(one.patience))`
  return sql`json(nullif((SELECT json_group_array(json(body)) FROM (
    SELECT json_remove(${account}, iif(one.patience IS NULL, '$.patience', '$.none')) AS body
    FROM provider_account AS one WHERE one.tenant_id = ${tenantId} AND one.deleted_ms IS NULL AND (${ALLOWS_ANY} OR one.name IN
      (SELECT lower(value ->> 'provider') FROM json_each(key_snapshot.body, '$.providers'))) ORDER BY one.name)), '[]'))`
}

// The shape of a `RoutingRule` (core/rules/routing-rule.ts).
const RULE = sql.raw(`json_object('id', id, 'name', name, 'expression', expression, 'targets', json(targets),
  'fallbacks', json(fallbacks), 'isChained', json(iif(chain_rule, 'true', 'false'))) AS body`)

function rulesOf(tenantId: TenantId, breadth: number, scope: { kind: RuleScope; id: SQL }): SQL {
  return sql`SELECT ${RULE}, ${sql.raw(String(breadth))} AS breadth, priority, created_ms, id FROM routing_rule
    WHERE tenant_id = ${tenantId} AND scope = ${scope.kind} AND scope_id = ${scope.id} AND enabled`
}

// A `ComplexityConfig`, or NULL where the tenant says nothing.
function complexityOf(tenantId: TenantId): SQL {
  return sql`(SELECT said.body FROM complexity_config AS said WHERE said.tenant_id = ${tenantId})`
}

// A `KeyRouting`, or NULL where no rule can apply. By an index for each scope, for a tenant's rules can be many.
function routingOfKey(tenantId: TenantId): SQL {
  const ids: Record<RuleScope, SQL> = {
    virtual_key: sql`k.id`,
    team: sql`k.team_id`,
    customer: sql`coalesce(k.customer_id, team.customer_id)`,
    global: sql`''`,
  }
  const all = RULE_SCOPES.map((kind, breadth) => rulesOf(tenantId, breadth, { kind, id: ids[kind] }))
  return sql`(SELECT iif(k.deleted_ms IS NOT NULL OR count(*) = 0, NULL, json_object('rules', json_group_array(json(body)),
    'teamName', coalesce(team.name, ''), 'customerName', coalesce(customer.name, ''),
    'complexity', json(iif(sum(instr(body ->> 'expression', 'complexity_tier')) > 0, ${complexityOf(tenantId)}, NULL)))) FROM (
    ${sql.join(all, sql` UNION ALL `)} ORDER BY breadth, priority, created_ms DESC, id))`
}

function rebuild(tenantId: TenantId, which: SQL): SQL {
  return sql`WITH wide AS MATERIALIZED
      (SELECT ${LIMIT}, ${ORDER} FROM scope_limit WHERE tenant_id = ${tenantId} AND ${IS_WIDE})
    UPDATE key_snapshot SET version = k.version,
      body = json_set(json_patch(json_patch(body, json_object('accounts', ${accountsOfKey(tenantId)},
      'priceOverrides', ${overridesOfKey(tenantId)}, 'pricebook', ${pricebookOf(tenantId)}, 'mcp', ${mcpOfKey(tenantId)}, 'routing', json(${routingOfKey(tenantId)}))), ${OF_TENANT}),
      '$.version', k.version, '$.isActive', ${IS_ACTIVE},
      '$.teamId', k.team_id, '$.customerId', coalesce(k.customer_id, team.customer_id),
      '$.limits', json(iif(k.deleted_ms IS NULL, ${limitsOfKey(tenantId)}, '[]')))
    FROM virtual_key AS k JOIN tenant ON tenant.id = k.tenant_id
      LEFT JOIN team ON team.tenant_id = k.tenant_id AND team.id = k.team_id
      LEFT JOIN customer ON customer.tenant_id = k.tenant_id AND customer.id = coalesce(k.customer_id, team.customer_id)
    WHERE key_snapshot.tenant_id = ${tenantId} AND k.tenant_id = ${tenantId} AND k.id = key_snapshot.key_id AND ${which}`
}

/**
 * Makes one key's snapshot say what the rows say of its version, its owner and its tenant, and adds the limits of other scopes
 * to its own; answers its `body`. In SQL, so that within a transaction nothing can come between the rows and what is said of them.
 */
export function rebuildSnapshot(key: { tenantId: TenantId; id: string }): SQL {
  return sql`${rebuild(key.tenantId, sql`k.id = ${key.id}`)} RETURNING body`
}

/** A version of a key's snapshot. */
export type KeyVersion = { keyId: string; version: number }

/** The same for every snapshot of a tenant that is older than its key; answers their `KeyVersion`s. */
export function rebuildOutdated(tenantId: TenantId): SQL {
  return sql`${rebuild(tenantId, sql`key_snapshot.version < k.version`)} RETURNING key_id AS keyId, version`
}
