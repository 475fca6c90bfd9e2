import { and, eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { adminKey } from './schema/sign-in.ts'

/** A tenant's admin key, revoked ones included, or `undefined`. */
export function findAdminKey(
  db: ConfigDb,
  key: { tenantId: TenantId; id: string },
): Promise<typeof adminKey.$inferSelect | undefined> {
  return db
    .select()
    .from(adminKey)
    .where(and(eq(adminKey.tenantId, key.tenantId), eq(adminKey.id, key.id)))
    .get()
}
