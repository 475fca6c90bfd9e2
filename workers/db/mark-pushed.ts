import { and, eq, lt } from 'drizzle-orm'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { Database } from './database.ts'
import { keySnapshot } from './schema.ts'

/** Notes that the key's meter has this version of its snapshot. Never goes back. */
export async function markPushed(
  db: Database,
  pushed: Pick<KeySnapshot, 'tenantId' | 'keyId' | 'version'>,
): Promise<void> {
  await db
    .update(keySnapshot)
    .set({ pushedVersion: pushed.version })
    .where(
      and(
        eq(keySnapshot.tenantId, pushed.tenantId),
        eq(keySnapshot.keyId, pushed.keyId),
        lt(keySnapshot.pushedVersion, pushed.version),
      ),
    )
}
