import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { tenant } from './schema.ts'

/** The tenant of this name, made with the given id if there was none. `isNew` says which. */
export async function ensureTenant(
  db: Database,
  wanted: typeof tenant.$inferInsert,
): Promise<{ id: string; isNew: boolean }> {
  const [, rows] = await db.batch([
    db.insert(tenant).values(wanted).onConflictDoNothing({ target: tenant.name }),
    db.select({ id: tenant.id }).from(tenant).where(eq(tenant.name, wanted.name)),
  ])
  const id = rows[0]?.id ?? wanted.id
  return { id, isNew: id === wanted.id }
}
