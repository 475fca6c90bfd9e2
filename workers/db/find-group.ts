import { eq } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { selectGroups } from './find-key.ts'
import { findScope } from './find-scope.ts'
import { GROUP_TABLE, type GroupPath, type GroupRecord, groupScope } from './group-record.ts'

/** A tenant's live team or customer with its limits, or `undefined`: none, deleted, or another tenant's. */
export async function findGroup(db: ConfigDb, path: GroupPath): Promise<GroupRecord | undefined> {
  const { kind, tenantId, id } = path
  const [group] = await selectGroups(db, kind, { tenantId, where: eq(GROUP_TABLE[kind].id, id) })
  // The group first: who changes its limits changes its version too, so that older limits than it are never saved again.
  const scope = group && (await findScope(db, { tenantId, scope: groupScope(path) }))
  return scope && { kind, group, scopeVersion: scope.version, budgets: scope.budgets, rateLimits: scope.rateLimits }
}
