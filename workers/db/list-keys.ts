import { and, asc, type Column, count, desc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { selectGroups } from './find-key.ts'
import type { GroupRow } from './group-record.ts'
import type { KeyRecord, LimitRows } from './key-record.ts'
import { virtualKey } from './schema/keys.ts'
import { budget, rateLimit } from './schema/limits.ts'

/** Which of a tenant's live keys to list. `search` is a part of the name, in any case (ASCII). */
export type KeyQuery = {
  tenantId: TenantId
  search?: string
  /** Only keys of this team or of this customer; of either where both are given. */
  teamId?: string | undefined
  customerId?: string | undefined
  sortBy: 'name' | 'created_at' | 'status'
  isDescending: boolean
  offset: number
  /** The most keys to return; -1 for all. */
  limit: number
}

const SORT = { name: virtualKey.name, created_at: virtualKey.createdMs, status: virtualKey.isActive }

function ofOwner({ teamId, customerId }: KeyQuery): SQL | undefined {
  return or(
    teamId ? eq(virtualKey.teamId, teamId) : undefined,
    customerId ? eq(virtualKey.customerId, customerId) : undefined,
  )
}

function matching(query: KeyQuery): SQL | undefined {
  const { tenantId, search } = query
  const hasText = search ? sql`instr(lower(${virtualKey.name}), lower(${search})) > 0` : undefined
  return and(eq(virtualKey.tenantId, tenantId), isNull(virtualKey.deletedMs), hasText, ofOwner(query))
}

function joined(keys: KeyRecord['key'][], limits: LimitRows, groups: GroupRow[]): KeyRecord[] {
  const budgets = Map.groupBy(limits.budgets, row => row.virtualKeyId)
  const rateLimits = Map.groupBy(limits.rateLimits, row => row.virtualKeyId)
  const groupById = new Map(groups.map(group => [group.id, group]))
  return keys.map(key => ({
    key,
    budgets: budgets.get(key.id) ?? [],
    rateLimits: rateLimits.get(key.id) ?? [],
    team: groupById.get(key.teamId ?? '') ?? null,
    customer: groupById.get(key.customerId ?? '') ?? null,
  }))
}

/** A page of a tenant's keys with their limits, and how many match in all, in one reading. */
export async function listKeys(db: ConfigDb, query: KeyQuery): Promise<{ records: KeyRecord[]; total: number }> {
  const { tenantId, limit, offset } = query
  const where = matching(query)
  const order = [query.isDescending ? desc(SORT[query.sortBy]) : asc(SORT[query.sortBy]), asc(virtualKey.id)]
  const ids = db
    .select({ id: virtualKey.id })
    .from(virtualKey)
    .where(where)
    .orderBy(...order)
  const onPage = ids.limit(limit).offset(offset)
  const ofBudgets = and(eq(budget.tenantId, tenantId), inArray(budget.virtualKeyId, onPage))
  const ofRateLimits = and(eq(rateLimit.tenantId, tenantId), inArray(rateLimit.virtualKeyId, onPage))
  const isOwner = (column: Column) => ({
    tenantId,
    where: sql`id IN (SELECT ${column} FROM virtual_key WHERE tenant_id = ${tenantId} AND id IN (${onPage}))`,
  })
  const [keys, budgets, rateLimits, totals, teams, customers] = await db.batch([
    db
      .select()
      .from(virtualKey)
      .where(where)
      .orderBy(...order)
      .limit(limit)
      .offset(offset),
    db.select().from(budget).where(ofBudgets).orderBy(sql`rowid`),
    db.select().from(rateLimit).where(ofRateLimits).orderBy(sql`rowid`),
    db.select({ total: count() }).from(virtualKey).where(where),
    selectGroups(db, 'team', isOwner(virtualKey.teamId)),
    selectGroups(db, 'customer', isOwner(virtualKey.customerId)),
  ])
  return { records: joined(keys, { budgets, rateLimits }, [...teams, ...customers]), total: totals[0]?.total ?? 0 }
}
