import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'

// The shape of a `PriceOverride` (core/pricing/price-override.ts).
const OVERRIDE = sql.raw(`json_object('id', one.id, 'version', one.version, 'scopeKind', one.scope_kind,
  'providerId', one.provider_id, 'providerKeyId', one.provider_key_id, 'matchType', one.match_type,
  'pattern', one.pattern, 'requestTypes', json(one.request_types), 'rates', json(one.rates), 'sinceMs', one.updated_ms)`)

const VERSION = sql.raw(`json_object('number', number, 'fromMs', effective_ms, 'entries', json(rates))`)

/** The versions of a tenant's pricebook that are not retired; NULL for none. */
export function pricebookOf(tenantId: TenantId): SQL {
  return sql`json(nullif((SELECT json_group_array(json(body)) FROM (SELECT ${VERSION} AS body FROM pricebook_version
    WHERE tenant_id = ${tenantId} AND NOT is_retired ORDER BY number)), '[]'))`
}

/** All price overrides that can be of the key `k`, the oldest first; NULL for none, which `json_patch` takes for absent. */
export function overridesOfKey(tenantId: TenantId): SQL {
  return sql`json(nullif((SELECT json_group_array(json(body)) FROM (SELECT ${OVERRIDE} AS body
    FROM pricing_override AS one WHERE one.tenant_id = ${tenantId}
      AND (one.virtual_key_id IS NULL OR one.virtual_key_id = k.id) ORDER BY one.created_ms, one.id)), '[]'))`
}
