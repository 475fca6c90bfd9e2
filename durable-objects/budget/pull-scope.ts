import type { ScopeSnapshot } from '../../workers/core/snapshot.ts'

/** A scope's limits as the control plane last wrote them, or `null`: it has none. One read of D1. */
export async function pullScope(
  db: D1Database,
  owner: { tenantId: string; scope: string },
): Promise<ScopeSnapshot | null> {
  const row = await db
    .prepare('SELECT body FROM scope_snapshot WHERE tenant_id = ?1 AND scope = ?2')
    .bind(owner.tenantId, owner.scope)
    .first<{ body: string }>()
  return row && JSON.parse(row.body)
}
