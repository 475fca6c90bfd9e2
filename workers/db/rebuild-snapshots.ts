import { type SQL, sql } from 'drizzle-orm'

// The shape of a `Limit` (core/quota/limit.ts); test/control/scopes.test.ts holds the two together.
const LIMIT = sql.raw(`json_object('id', id, 'scope', scope, 'unit', unit, 'max', max, 'window', json_object(
  'duration', duration, 'isAligned', json(iif(calendar_aligned, 'true', 'false')), 'anchorMs', anchor_ms)) AS body`)
const ORDER = sql.raw('breadth, place, seq')

/** Which limits can bind any key of a tenant: all but those of keys, teams and customers (d1-migrations/0001_init.sql). */
export const IS_WIDE = sql.raw('virtual_key_id IS NULL AND breadth IN (1, 2, 3, 4, 5, 8, 9, 10, 11)')

/** The limits of a scope as JSON, in their order. */
export function limitsOfScope(owner: { tenantId: string; scope: string }): SQL {
  return sql`(SELECT json_group_array(json(body)) FROM (SELECT ${LIMIT} FROM scope_limit
    WHERE tenant_id = ${owner.tenantId} AND scope = ${owner.scope} ORDER BY place, seq))`
}

// `0` is the character after `/`: the range holds a key's own scope and those of its providers.
function limitsOfKey(tenantId: string): SQL {
  const limits = sql`SELECT ${LIMIT}, ${ORDER} FROM scope_limit WHERE tenant_id = ${tenantId}`
  return sql`(SELECT json_group_array(json(body)) FROM (
    ${limits} AND scope >= 'virtual_key:' || k.id AND scope < 'virtual_key:' || k.id || '0'
    UNION ALL ${limits} AND scope = 'team:' || k.team_id
    UNION ALL ${limits} AND scope = 'customer:' || coalesce(k.customer_id, team.customer_id)
    UNION ALL ${limits} AND ${IS_WIDE}
    ORDER BY ${ORDER}))`
}

function rebuild(tenantId: string, which: SQL): SQL {
  return sql`UPDATE key_snapshot SET version = k.version, body = json_set(body, '$.version', k.version,
      '$.teamId', k.team_id, '$.customerId', coalesce(k.customer_id, team.customer_id),
      '$.limits', json(iif(k.deleted_ms IS NULL, ${limitsOfKey(tenantId)}, '[]')))
    FROM virtual_key AS k LEFT JOIN team ON team.tenant_id = k.tenant_id AND team.id = k.team_id
    WHERE key_snapshot.tenant_id = ${tenantId} AND k.tenant_id = ${tenantId} AND k.id = key_snapshot.key_id AND ${which}`
}

/**
 * Makes one key's snapshot say what the rows say of its version, its owner and its limits; answers its `body`. In SQL, so
 * that within a transaction nothing can come between the rows and what is said of them.
 */
export function rebuildSnapshot(key: { tenantId: string; id: string }): SQL {
  return sql`${rebuild(key.tenantId, sql`k.id = ${key.id}`)} RETURNING body`
}

/** A version of a key's snapshot. */
export type KeyVersion = { keyId: string; version: number }

/** The same for every snapshot of a tenant that is older than its key; answers their `KeyVersion`s. */
export function rebuildOutdated(tenantId: string): SQL {
  return sql`${rebuild(tenantId, sql`key_snapshot.version < k.version`)} RETURNING key_id AS keyId, version`
}
