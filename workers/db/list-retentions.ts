import { and, asc, eq, gt, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { tenant } from './schema/tenancy.ts'

/** For how many days a tenant keeps events in D1; `null`: it has said nothing. */
export type Retention = { id: TenantId; days: number | null }

/** How many tenants are read at once: as one text they are less than the two million bytes that D1 takes. */
const PAGE = 5000

/** How long the tenants of a shard keep events in D1, so many at a time. */
export async function* retentionPages(db: ConfigDb, shard: number): AsyncGenerator<Retention[]> {
  let after = ''
  while (true) {
    const page = await db
      .select({ id: tenant.id, days: sql<number | null>`${tenant.settings} ->> '$.data_retention_days'` })
      .from(tenant)
      .where(and(eq(tenant.shard, shard), gt(sql`${tenant.id}`, after)))
      .orderBy(asc(tenant.id))
      .limit(PAGE)
    if (page.length > 0) yield page
    if (page.length < PAGE) return
    after = page.at(-1)?.id ?? ''
  }
}
