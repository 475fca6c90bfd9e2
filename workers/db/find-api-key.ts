import { and, eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { apiKey } from './schema/sign-in.ts'

/** A row of `api_key`. */
export type ApiKeyRow = typeof apiKey.$inferSelect

/** Names an API key of a tenant. */
export type ApiKeyPath = { tenantId: TenantId; id: string }

/** A tenant's API key, expired and revoked ones included, or `undefined`. */
export function findApiKey(db: ConfigDb, { tenantId, id }: ApiKeyPath): Promise<ApiKeyRow | undefined> {
  return db
    .select()
    .from(apiKey)
    .where(and(eq(apiKey.tenantId, tenantId), eq(apiKey.id, id)))
    .get()
}
