import type { ConfigDb } from './database.ts'
import { deadLetter } from './schema/usage.ts'

/** Keeps a message that cannot be booked. A second one with the same id is the same message, and is dropped. */
export async function insertDeadLetter(db: ConfigDb, letter: typeof deadLetter.$inferInsert): Promise<void> {
  await db.insert(deadLetter).values(letter).onConflictDoNothing()
}
