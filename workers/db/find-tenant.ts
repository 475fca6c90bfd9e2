import { eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { Database } from './database.ts'
import { tenant } from './schema.ts'

/** A row of `tenant`. */
export type TenantRow = typeof tenant.$inferSelect

/** The tenant of this name, or `undefined`. */
export function findTenantByName(db: Database, name: string): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.name, name)).get()
}

/** The tenant of this id, or `undefined`. */
export function findTenantById(db: Database, id: TenantId): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.id, id)).get()
}
