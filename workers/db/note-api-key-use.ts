import { and, eq } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import type { ApiKeyPath } from './find-api-key.ts'
import { apiKey } from './schema/sign-in.ts'

/** Notes that a key was used now. */
export async function noteApiKeyUse(db: ConfigDb, used: ApiKeyPath & { nowMs: number }): Promise<void> {
  const { tenantId, id, nowMs: lastUsedMs } = used
  await db
    .update(apiKey)
    .set({ lastUsedMs })
    .where(and(eq(apiKey.tenantId, tenantId), eq(apiKey.id, id)))
}
