import { and, desc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import type { ApiKeyRow } from './find-api-key.ts'
import { apiKey } from './schema/sign-in.ts'
import { selectPage } from './select-page.ts'

/** A page of a tenant's API keys that were not revoked, the newest first, and how many there are in all, in one reading. */
export async function listApiKeys(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ keys: ApiKeyRow[]; total: number }> {
  const where = and(eq(apiKey.tenantId, tenantId), isNull(apiKey.revokedMs))
  const newest = [desc(apiKey.createdMs), desc(apiKey.id)]
  const { rows: keys, total } = await selectPage(db, apiKey, { where, orderBy: newest, limit, offset })
  return { keys, total }
}
