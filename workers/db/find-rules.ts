import { and, asc, count, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { RuleScope } from '../core/rules/routing-rule.ts'
import type { ConfigDb } from './database.ts'
import type { RuleOwner, RuleRow } from './save-rule.ts'
import { routingRule } from './schema/routing.ts'
import { selectPage } from './select-page.ts'

/** Names a routing rule of a tenant. */
export type RulePath = { tenantId: TenantId; id: string }

/** Which of a tenant's rules to list. `search`: a part of the name or the expression, in any case (ASCII). */
export type RuleQuery = {
  tenantId: TenantId
  search: string
  /** Only those of it that are enabled. */
  owner: { scope: RuleScope; scopeId: string } | undefined
  /** The most to return; -1 for all. */
  limit: number
  offset: number
}

/** A rule of the tenant's; `undefined`: none, or another tenant's. */
export async function findRule(db: ConfigDb, { tenantId, id }: RulePath): Promise<RuleRow | undefined> {
  const isIt = and(eq(routingRule.tenantId, tenantId), eq(routingRule.id, id))
  const [rule] = await db.select().from(routingRule).where(isIt)
  return rule
}

function hasText(search: string): SQL | undefined {
  if (!search) return undefined
  const { name, expression } = routingRule
  return sql`(instr(lower(${name}), lower(${search})) > 0 OR instr(lower(${expression}), lower(${search})) > 0)`
}

function ownedBy({ scope, scopeId }: { scope: RuleScope; scopeId: string }): SQL | undefined {
  return and(eq(routingRule.scope, scope), eq(routingRule.scopeId, scopeId))
}

/** A page of a tenant's rules in the order in which those of one scope are asked, and how many match in all. */
export async function listRules(db: ConfigDb, query: RuleQuery): Promise<{ rules: RuleRow[]; total: number }> {
  const ofOwner = query.owner && and(ownedBy(query.owner), eq(routingRule.enabled, true))
  const where = and(eq(routingRule.tenantId, query.tenantId), hasText(query.search), ofOwner)
  const order = [asc(routingRule.priority), desc(routingRule.createdMs), asc(routingRule.id)]
  const { rows: rules, total } = await selectPage(db, routingRule, {
    where,
    orderBy: order,
    limit: query.limit,
    offset: query.offset,
  })
  return { rules, total }
}

/** How many rules an owner has. */
export async function countRules(db: ConfigDb, owner: RuleOwner): Promise<number> {
  const where = and(eq(routingRule.tenantId, owner.tenantId), ownedBy(owner))
  const [row] = await db.select({ total: count() }).from(routingRule).where(where)
  return row?.total ?? 0
}
