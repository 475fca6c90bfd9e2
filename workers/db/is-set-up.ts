import type { Database } from './database.ts'
import { setupState } from './schema/tenancy.ts'

/** Whether the deployment has its first tenant. */
export async function isSetUp(db: Database): Promise<boolean> {
  return (await db.select({ id: setupState.id }).from(setupState).get()) !== undefined
}
