import { and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { selectGroups } from './find-key.ts'
import { type GroupKind, type GroupRow, groupScope } from './group-record.ts'
import type { KeyRow, LimitRows } from './key-record.ts'
import { team, virtualKey } from './schema/keys.ts'
import { budget, rateLimit } from './schema/limits.ts'

/** A team or customer with all that is shown of it: its limits, its customer, its teams, and the keys directly in it. */
export type GroupDetails = LimitRows & {
  kind: GroupKind
  group: GroupRow
  customer: GroupRow | null
  teams: GroupRow[]
  keys: KeyRow[]
}

function among(values: (string | null)[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(values.filter(value => value !== null))}))`
}

function readAll(db: ConfigDb, kind: GroupKind, { tenantId, groups }: { tenantId: TenantId; groups: GroupRow[] }) {
  const ids = among(groups.map(group => group.id))
  const scopes = among(groups.map(({ id }) => groupScope({ kind, id })))
  const owner = kind === 'team' ? virtualKey.teamId : virtualKey.customerId
  const isMember = and(eq(virtualKey.tenantId, tenantId), isNull(virtualKey.deletedMs), sql`${owner} IN ${ids}`)
  const customerIds = among(groups.map(group => group.customerId))
  return db.batch([
    db
      .select()
      .from(budget)
      .where(and(eq(budget.tenantId, tenantId), sql`${budget.scope} IN ${scopes}`))
      .orderBy(sql`rowid`),
    db
      .select()
      .from(rateLimit)
      .where(and(eq(rateLimit.tenantId, tenantId), sql`${rateLimit.scope} IN ${scopes}`))
      .orderBy(sql`rowid`),
    db.select().from(virtualKey).where(isMember).orderBy(virtualKey.createdMs, virtualKey.id),
    selectGroups(db, 'customer', { tenantId, where: sql`id IN ${customerIds}` }),
    selectGroups(db, 'team', {
      tenantId,
      where: kind === 'customer' ? sql`${team.customerId} IN ${ids}` : inArray(team.id, []),
    }),
  ])
}

/** All that is shown of these teams or customers of one tenant, in their order, in one reading. */
export async function findGroupDetails(db: ConfigDb, kind: GroupKind, groups: GroupRow[]): Promise<GroupDetails[]> {
  const [first] = groups
  if (!first) return []
  const [budgets, rateLimits, keys, customers, teams] = await readAll(db, kind, { tenantId: first.tenantId, groups })
  return groups.map(group => ({
    kind,
    group,
    budgets: budgets.filter(row => row.scope === groupScope({ kind, id: group.id })),
    rateLimits: rateLimits.filter(row => row.scope === groupScope({ kind, id: group.id })),
    keys: keys.filter(key => (kind === 'team' ? key.teamId : key.customerId) === group.id),
    customer: customers.find(({ id }) => id === group.customerId) ?? null,
    teams: teams.filter(({ customerId }) => customerId === group.id),
  }))
}
