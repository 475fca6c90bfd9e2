import { sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { IS_WIDE } from './rebuild-snapshots.ts'
import type { ScopePath } from './scope-record.ts'

/** How many limits a tenant has that could bind any of its keys, but for those of this scope. */
export async function countWideLimits(db: ConfigDb, { tenantId, scope }: ScopePath): Promise<number> {
  const row = await db.get<{ total: number }>(sql`SELECT count(*) AS total FROM scope_limit
    WHERE tenant_id = ${tenantId} AND ${IS_WIDE} AND scope <> ${scope}`)
  return row?.total ?? 0
}
