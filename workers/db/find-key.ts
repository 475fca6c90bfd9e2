import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { GROUP_TABLE, type GroupKind, type GroupRow, groupColumns } from './group-record.ts'
import type { KeyRecord } from './key-record.ts'
import { virtualKey } from './schema/keys.ts'
import { budget, rateLimit } from './schema/limits.ts'

/** A statement that reads a tenant's live teams or customers. */
export function selectGroups(db: ConfigDb, kind: GroupKind, which: { tenantId: TenantId; where: SQL | undefined }) {
  const table = GROUP_TABLE[kind]
  const isLive = and(eq(table.tenantId, which.tenantId), isNull(table.deletedMs), which.where)
  return db.select(groupColumns(kind)).from(table).where(isLive)
}

function ownerOf(kind: GroupKind, { tenantId, id }: { tenantId: TenantId; id: string }): SQL {
  const column = kind === 'team' ? virtualKey.teamId : virtualKey.customerId
  return sql`id = (SELECT ${column} FROM virtual_key WHERE tenant_id = ${tenantId} AND id = ${id})`
}

/** A tenant's key as it stands, in one reading, or `undefined`: none, deleted, or another tenant's. */
export async function findKey(db: ConfigDb, path: { tenantId: TenantId; id: string }): Promise<KeyRecord | undefined> {
  const { tenantId, id } = path
  const isLive = and(eq(virtualKey.tenantId, tenantId), eq(virtualKey.id, id), isNull(virtualKey.deletedMs))
  const ofBudget = and(eq(budget.tenantId, tenantId), eq(budget.virtualKeyId, id))
  const ofRateLimit = and(eq(rateLimit.tenantId, tenantId), eq(rateLimit.virtualKeyId, id))
  const [keys, budgets, rateLimits, teams, customers] = await db.batch([
    db.select().from(virtualKey).where(isLive),
    db.select().from(budget).where(ofBudget).orderBy(sql`rowid`),
    db.select().from(rateLimit).where(ofRateLimit).orderBy(sql`rowid`),
    selectGroups(db, 'team', { tenantId, where: ownerOf('team', path) }),
    selectGroups(db, 'customer', { tenantId, where: ownerOf('customer', path) }),
  ])
  const owner = (rows: GroupRow[]) => rows[0] ?? null
  return keys[0] && { key: keys[0], budgets, rateLimits, team: owner(teams), customer: owner(customers) }
}
