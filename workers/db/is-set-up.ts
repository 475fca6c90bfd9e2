import type { ConfigDb } from './database.ts'
import { setupState } from './schema/tenancy.ts'

/** Whether the deployment has its first tenant. */
export async function isSetUp(db: ConfigDb): Promise<boolean> {
  return (await db.select({ id: setupState.id }).from(setupState).get()) !== undefined
}
