import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { GROUP_TABLE, type GroupKind, type GroupPath, type GroupRow } from './group-record.ts'
import type { Statement } from './in-one-batch.ts'
import { deleteRulesOf } from './save-rule.ts'
import { team, virtualKey } from './schema/keys.ts'

// The customer may have been deleted since it was read. A NULL version takes back the whole batch, as in save-key.ts.
function hasCustomer({ tenantId, customerId }: GroupRow): SQL {
  return sql`(${customerId} IS NULL OR EXISTS
    (SELECT 1 FROM customer WHERE tenant_id = ${tenantId} AND id = ${customerId} AND deleted_ms IS NULL))`
}

/** Writes a new team or customer (version 1), or a changed one in a version one above that it was read in. */
export function writeGroup(db: ConfigDb, kind: GroupKind, group: GroupRow): Statement {
  const table = GROUP_TABLE[kind]
  const { customerId, ...common } = group
  const row = kind === 'team' ? group : common
  if (group.version === 1) {
    return db.insert(table).values({ ...row, version: sql`CASE WHEN ${hasCustomer(group)} THEN 1 END` })
  }
  const isCurrent = sql`${table.version} = ${group.version - 1}`
  const version = sql`CASE WHEN ${isCurrent} AND ${hasCustomer(group)} THEN ${group.version} END`
  return db
    .update(table)
    .set({ ...row, version })
    .where(and(eq(table.tenantId, group.tenantId), eq(table.id, group.id)))
}

/** Takes keys and teams out of a team or customer, and the rules of it away. Does not touch the versions of keys: see `saveScope`. */
export function detachMembers(db: ConfigDb, { kind, tenantId, id }: GroupPath): Statement[] {
  const rules = deleteRulesOf({ tenantId, scope: kind, scopeId: id })
  const ofTeam = and(eq(virtualKey.tenantId, tenantId), eq(virtualKey.teamId, id))
  if (kind === 'team') return [rules, db.update(virtualKey).set({ teamId: null }).where(ofTeam)]
  return [
    rules,
    db
      .update(virtualKey)
      .set({ customerId: null })
      .where(and(eq(virtualKey.tenantId, tenantId), eq(virtualKey.customerId, id))),
    db
      .update(team)
      .set({ customerId: null, version: sql`${team.version} + 1` })
      .where(and(eq(team.tenantId, tenantId), eq(team.customerId, id))),
  ]
}
