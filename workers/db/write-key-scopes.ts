import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { LIMIT } from './rebuild-snapshots.ts'

/** Names a virtual key of a tenant. */
type KeyPath = { tenantId: TenantId; id: string }

// `virtual_key:ID` and `virtual_key:ID/...`: of what can follow an id, only the slash comes before the `0`.
function isOfKey({ id }: KeyPath): SQL {
  const own = `virtual_key:${id}`
  return sql`scope >= ${own} AND scope < ${`${own}0`}`
}

/**
 * Writes what the budget objects of a key's own limits are told, one version on, where it changes: of each scope that has
 * limits, and of each that had some, which then has none. After the limits themselves, in one transaction with them.
 */
export function writeKeyScopes(key: KeyPath): SQL {
  const { tenantId, id } = key
  return sql`WITH mine AS MATERIALIZED (SELECT scope, place, seq, ${LIMIT} FROM scope_limit
      WHERE tenant_id = ${tenantId} AND virtual_key_id = ${id}),
    own AS (SELECT scope FROM mine
      UNION SELECT scope FROM scope_snapshot WHERE tenant_id = ${tenantId} AND ${isOfKey(key)}),
    next AS (SELECT own.scope, coalesce(old.version, 0) + 1 AS version, old.body -> '$.limits' AS before,
        (SELECT json_group_array(json(body)) FROM (SELECT mine.body FROM mine WHERE mine.scope = own.scope
          ORDER BY place, seq)) AS limits
      FROM own LEFT JOIN scope_snapshot AS old ON old.tenant_id = ${tenantId} AND old.scope = own.scope)
    INSERT INTO scope_snapshot (tenant_id, scope, version, pushed_version, body)
    SELECT ${tenantId}, scope, version, 0,
      json_object('version', version, 'tenantId', ${tenantId}, 'scope', scope, 'limits', json(limits))
    FROM next WHERE limits IS NOT before
    ON CONFLICT (tenant_id, scope) DO UPDATE SET version = excluded.version, body = excluded.body`
}

/** Reads those of them that have not reached their budget object, as `body`. */
export function readUnpushedKeyScopes(key: KeyPath): SQL {
  return sql`SELECT body FROM scope_snapshot
    WHERE tenant_id = ${key.tenantId} AND ${isOfKey(key)} AND pushed_version < version`
}
