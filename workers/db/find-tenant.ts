import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { tenant } from './schema.ts'

/** A row of `tenant`. */
export type TenantRow = typeof tenant.$inferSelect

/** The tenant of this name, or `undefined`. */
export function findTenantByName(db: Database, name: string): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.name, name)).get()
}
