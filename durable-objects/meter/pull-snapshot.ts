import type { KeySnapshot } from '../../workers/core/snapshot.ts'

/** A key's snapshot as the control plane last wrote it, or `null`: there is no such key. One read of D1. */
export async function pullSnapshot(
  db: D1Database,
  owner: { tenantId: string; keyId: string },
): Promise<KeySnapshot | null> {
  const row = await db
    .prepare('SELECT body FROM key_snapshot WHERE tenant_id = ?1 AND key_id = ?2')
    .bind(owner.tenantId, owner.keyId)
    .first<{ body: string }>()
  return row && JSON.parse(row.body)
}
