import type { Database } from './database.ts'
import { adminKey } from './schema.ts'

/** Adds a key of the management API; throws if the tenant does not exist. */
export async function insertAdminKey(db: Database, row: typeof adminKey.$inferInsert): Promise<void> {
  await db.insert(adminKey).values(row)
}
