import { lt, sql } from 'drizzle-orm'
import type { KeySnapshot, ScopeSnapshot } from '../core/snapshot.ts'
import type { ConfigDb } from './database.ts'
import { keySnapshot, scopeSnapshot } from './schema/snapshots.ts'

/** Snapshots of any tenant that their meter may not have yet. In no order, so that one that fails cannot hide the rest. */
export async function findUnpushedSnapshots(db: ConfigDb, limit: number): Promise<KeySnapshot[]> {
  const rows = await db
    .select({ body: keySnapshot.body })
    .from(keySnapshot)
    .where(lt(keySnapshot.pushedVersion, keySnapshot.version))
    .orderBy(sql`random()`)
    .limit(limit)
  return rows.map(row => row.body)
}

/** The same of scopes and their budget objects. */
export async function findUnpushedScopes(db: ConfigDb, limit: number): Promise<ScopeSnapshot[]> {
  const rows = await db
    .select({ body: scopeSnapshot.body })
    .from(scopeSnapshot)
    .where(lt(scopeSnapshot.pushedVersion, scopeSnapshot.version))
    .orderBy(sql`random()`)
    .limit(limit)
  return rows.map(row => row.body)
}
