import { and, asc, count, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { GROUP_TABLE, type GroupKind, type GroupRow, groupColumns } from './group-record.ts'
import { team } from './schema/keys.ts'

/** Which of a tenant's live teams or customers to list. `search` is a part of the name, in any case (ASCII). */
export type GroupQuery = {
  kind: GroupKind
  tenantId: TenantId
  search?: string
  /** Only teams of this customer. */
  customerId?: string | undefined
  offset: number
  /** The most to return; -1 for all. */
  limit: number
}

function matching({ kind, tenantId, search, customerId }: GroupQuery): SQL | undefined {
  const table = GROUP_TABLE[kind]
  const hasText = search ? sql`instr(lower(${table.name}), lower(${search})) > 0` : undefined
  const ofCustomer = kind === 'team' && customerId ? eq(team.customerId, customerId) : undefined
  return and(eq(table.tenantId, tenantId), isNull(table.deletedMs), hasText, ofCustomer)
}

/** A page of a tenant's teams or customers in the order of their making, and how many match in all, in one reading. */
export async function listGroups(db: ConfigDb, query: GroupQuery): Promise<{ groups: GroupRow[]; total: number }> {
  const table = GROUP_TABLE[query.kind]
  const where = matching(query)
  const [groups, totals] = await db.batch([
    db
      .select(groupColumns(query.kind))
      .from(table)
      .where(where)
      .orderBy(asc(table.createdMs), asc(table.id))
      .limit(query.limit)
      .offset(query.offset),
    db.select({ total: count() }).from(table).where(where),
  ])
  return { groups, total: totals[0]?.total ?? 0 }
}
