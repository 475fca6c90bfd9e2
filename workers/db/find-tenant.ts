import { asc, eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { tenant } from './schema/tenancy.ts'

/** A row of `tenant`. */
export type TenantRow = typeof tenant.$inferSelect

/** A new tenant that has set nothing yet. */
export function newTenantRow(made: Pick<TenantRow, 'id' | 'name' | 'createdMs' | 'shard'>): TenantRow {
  const nothing = { plan: null, allowedOrigins: null, displayName: null, settings: {}, suspendedMs: null }
  return { ...made, ...nothing, updatedMs: null, version: 1 }
}

/** The tenant of this name, or `undefined`. */
export function findTenantByName(db: ConfigDb, name: string): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.name, name)).get()
}

/** The tenant of this id, or `undefined`. */
export function findTenantById(db: ConfigDb, id: TenantId): Promise<TenantRow | undefined> {
  return db.select().from(tenant).where(eq(tenant.id, id)).get()
}

/** The tenant that was made first; `undefined` where there is none. */
export function findFirstTenant(db: ConfigDb): Promise<TenantRow | undefined> {
  return db.select().from(tenant).orderBy(asc(tenant.createdMs), asc(tenant.id)).limit(1).get()
}
