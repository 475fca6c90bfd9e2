import { and, eq, lt, sql } from 'drizzle-orm'
import { asTenantId, type TenantId } from '../core/access/tenant-id.ts'
import type { KeySnapshot, ScopeSnapshot } from '../core/snapshot.ts'
import type { ConfigDb } from './database.ts'
import { scopeSnapshot } from './schema/snapshots.ts'

type PushedKey = Pick<KeySnapshot, 'tenantId' | 'keyId' | 'version'>
type PushedScope = Pick<ScopeSnapshot, 'tenantId' | 'scope' | 'version'>

/** Notes that the key's meter has this version of its snapshot. Never goes back. */
export async function markPushed(db: ConfigDb, pushed: PushedKey): Promise<void> {
  await markAllPushed(db, asTenantId(pushed.tenantId), [pushed])
}

/** The same for many keys of one tenant. */
export async function markAllPushed(db: ConfigDb, tenantId: TenantId, pushed: PushedKey[]): Promise<void> {
  const versions = JSON.stringify(pushed.map(({ keyId, version }) => ({ keyId, version })))
  await db.run(sql`UPDATE key_snapshot SET pushed_version = pushed.value ->> 'version'
    FROM json_each(${versions}) AS pushed
    WHERE tenant_id = ${tenantId} AND key_id = pushed.value ->> 'keyId' AND pushed_version < pushed.value ->> 'version'`)
}

/** Notes that the scope's budget object has this version of its snapshot. Never goes back. */
export async function markScopePushed(db: ConfigDb, pushed: PushedScope): Promise<void> {
  await db
    .update(scopeSnapshot)
    .set({ pushedVersion: pushed.version })
    .where(
      and(
        eq(scopeSnapshot.tenantId, asTenantId(pushed.tenantId)),
        eq(scopeSnapshot.scope, pushed.scope),
        lt(scopeSnapshot.pushedVersion, pushed.version),
      ),
    )
}
