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

// What lies in a snapshot already is read from there: SQLite looks limits up by scope for one scope, not for each of many.
function groupLimits(tenantId: string, breadth: number, scope: SQL): SQL {
  return sql`SELECT one.value AS body, ${sql.raw(String(breadth))} AS breadth, 0 AS place, one.key AS seq
    FROM scope_snapshot AS owner, json_each(owner.body, '$.limits') AS one
    WHERE owner.tenant_id = ${tenantId} AND owner.scope = ${scope}`
}

function limitsOfKey(tenantId: string): SQL {
  return sql`(SELECT json_group_array(json(body)) FROM (
    SELECT value AS body, 0 AS breadth, 0 AS place, key AS seq FROM json_each(key_snapshot.body, '$.limits')
      WHERE value ->> 'scope' GLOB 'virtual_key:*'
    UNION ALL ${groupLimits(tenantId, 6, sql`'team:' || k.team_id`)}
    UNION ALL ${groupLimits(tenantId, 7, sql`'customer:' || coalesce(k.customer_id, team.customer_id)`)}
    UNION ALL SELECT body, ${ORDER} FROM wide
    ORDER BY ${ORDER}))`
}

function rebuild(tenantId: string, which: SQL): SQL {
  return sql`WITH wide AS MATERIALIZED
      (SELECT ${LIMIT}, ${ORDER} FROM scope_limit WHERE tenant_id = ${tenantId} AND ${IS_WIDE})
    UPDATE key_snapshot SET version = k.version, body = json_set(body, '$.version', k.version,
      '$.teamId', k.team_id, '$.customerId', coalesce(k.customer_id, team.customer_id),
      '$.limits', json(iif(k.deleted_ms IS NULL, ${limitsOfKey(tenantId)}, '[]')))
    FROM virtual_key AS k LEFT JOIN team ON team.tenant_id = k.tenant_id AND team.id = k.team_id
    WHERE key_snapshot.tenant_id = ${tenantId} AND k.tenant_id = ${tenantId} AND k.id = key_snapshot.key_id AND ${which}`
}

/**
 * Makes one key's snapshot say what the rows say of its version and its owner, and adds the limits of other scopes to its
 * own; answers its `body`. In SQL, so that within a transaction nothing can come between the rows and what is said of them.
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
