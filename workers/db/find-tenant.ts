import { eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { Database } from './database.ts'
import { tenant } from './schema.ts'

/** A row of `tenant`. */
export type TenantRow = typeof tenant.$inferSelect

/** A new tenant that has set nothing yet. */
export function newTenantRow(made: { id: TenantId; name: string; createdMs: number }): TenantRow {
  const nothing = { plan: null, allowedOrigins: null, displayName: null, settings: {}, suspendedMs: null }
  return { ...made, ...nothing, updatedMs: null, version: 1 }
}

/** The tenant of this name, or `undefined`. */
export function findTenantByName(db: Database, name: string): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.name, name)).get()
}

/** A tenant, or `undefined` where there is none of this id. */
export function findTenant(db: Database, tenantId: TenantId): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.id, tenantId)).get()
}
