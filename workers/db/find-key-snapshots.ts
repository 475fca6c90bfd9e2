import { and, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { ConfigDb } from './database.ts'
import { keySnapshot } from './schema/snapshots.ts'

/** The snapshots of these keys of a tenant, as they stand now. */
export async function findKeySnapshots(db: ConfigDb, tenantId: TenantId, keyIds: string[]): Promise<KeySnapshot[]> {
  const rows = await db
    .select({ body: keySnapshot.body })
    .from(keySnapshot)
    .where(
      and(
        eq(keySnapshot.tenantId, tenantId),
        sql`${keySnapshot.keyId} IN (SELECT value FROM json_each(${JSON.stringify(keyIds)}))`,
      ),
    )
  return rows.map(row => row.body)
}
