import { asc, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import type { BudgetRow } from './key-record.ts'
import { customer, team, virtualKey } from './schema/keys.ts'
import { budget } from './schema/limits.ts'
import { selectPage } from './select-page.ts'

/** A page of a tenant's budgets, the widest scope first, and how many there are in all. */
export async function listBudgetPage(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ budgets: BudgetRow[]; total: number }> {
  const isTenants = eq(budget.tenantId, tenantId)
  const order = [sql`breadth DESC`, asc(budget.scope), asc(budget.createdMs), asc(budget.id)]
  const { rows: budgets, total } = await selectPage(db, budget, { where: isTenants, orderBy: order, limit, offset })
  return { budgets, total }
}

/** Who belongs to whom: the names of keys, teams and customers by scope, and the scope that each is in. */
export type Owners = Map<string, { name: string; parent: string | null }>

const idsOf = (kind: string, scopes: string[]) =>
  scopes.flatMap(scope => (scope.startsWith(`${kind}:`) ? [scope.slice(kind.length + 1).split('/')[0] ?? ''] : []))
// One parameter for all of them: D1 takes a hundred.
const among = (ids: string[]): SQL => sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
const parentOf = (teamId: string | null, customerId: string | null) =>
  teamId ? `team:${teamId}` : customerId && `customer:${customerId}`

/** The owners of scopes, and those that they belong to. */
export async function findOwners(db: ConfigDb, tenantId: TenantId, scopes: string[]): Promise<Owners> {
  const keys = await db
    .select({ id: virtualKey.id, name: virtualKey.name, teamId: virtualKey.teamId, customerId: virtualKey.customerId })
    .from(virtualKey)
    .where(sql`${eq(virtualKey.tenantId, tenantId)} AND ${virtualKey.id} IN ${among(idsOf('virtual_key', scopes))}`)
  const teamIds = [...idsOf('team', scopes), ...keys.flatMap(({ teamId }) => teamId ?? [])]
  const teams = await db
    .select({ id: team.id, name: team.name, customerId: team.customerId })
    .from(team)
    .where(sql`${eq(team.tenantId, tenantId)} AND ${team.id} IN ${among(teamIds)}`)
  const customerIds = [...idsOf('customer', scopes), ...[...keys, ...teams].flatMap(one => one.customerId ?? [])]
  const customers = await db
    .select({ id: customer.id, name: customer.name })
    .from(customer)
    .where(sql`${eq(customer.tenantId, tenantId)} AND ${customer.id} IN ${among(customerIds)}`)
  return new Map([
    ...keys.map(
      one => [`virtual_key:${one.id}`, { name: one.name, parent: parentOf(one.teamId, one.customerId) }] as const,
    ),
    ...teams.map(one => [`team:${one.id}`, { name: one.name, parent: parentOf(null, one.customerId) }] as const),
    ...customers.map(one => [`customer:${one.id}`, { name: one.name, parent: null }] as const),
  ])
}
