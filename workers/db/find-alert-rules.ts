import { and, asc, desc, eq, lte, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { alertFiring, alertRule } from './schema/alerts.ts'
import { selectPage } from './select-page.ts'

/** A row of `alert_rule`. */
export type AlertRuleRow = typeof alertRule.$inferSelect
/** A row of `alert_firing`. */
export type FiringRow = typeof alertFiring.$inferSelect

type Page = { limit: number; offset: number }
type Path = { tenantId: TenantId; id: string }

/** The rule, or `undefined`: none, or another tenant's. */
export function findAlertRule(db: ConfigDb, { tenantId, id }: Path): Promise<AlertRuleRow | undefined> {
  return db
    .select()
    .from(alertRule)
    .where(and(eq(alertRule.tenantId, tenantId), eq(alertRule.id, id)))
    .get()
}

/** A page of a tenant's rules, the newest first, and how many there are in all, in one reading. */
export async function listAlertRules(
  db: ConfigDb,
  { tenantId, limit, offset }: Page & { tenantId: TenantId },
): Promise<{ rows: AlertRuleRow[]; total: number }> {
  const where = eq(alertRule.tenantId, tenantId)
  const order = [desc(alertRule.createdMs), desc(alertRule.id)]
  return selectPage(db, alertRule, { where, orderBy: order, limit, offset })
}

/** A page of the times that a rule was met, the newest first, and how often that was, in one reading. */
export async function listFirings(
  db: ConfigDb,
  { tenantId, id, limit, offset }: Page & Path,
): Promise<{ rows: FiringRow[]; total: number }> {
  const where = and(eq(alertFiring.tenantId, tenantId), eq(alertFiring.ruleId, id))
  const { noticedMs, startMs, limitId, threshold } = alertFiring
  return selectPage(db, alertFiring, {
    where,
    orderBy: [noticedMs, startMs, limitId, threshold].map(column => desc(column)),
    limit,
    offset,
  })
}

/** Rules of any tenant that may be met and were last looked at before this, the longest ago first. */
export function findRulesToCheck(db: ConfigDb, query: { beforeMs: number; limit: number }): Promise<AlertRuleRow[]> {
  return db
    .select()
    .from(alertRule)
    .where(and(sql`${alertRule.active} = 1`, lte(alertRule.checkedMs, query.beforeMs)))
    .orderBy(asc(alertRule.checkedMs))
    .limit(query.limit)
}

/** A budget above the virtual key, and whose it is. */
export type BudgetName = { id: string; scope: string }

/** The budgets that a tenant has above the virtual key. */
export function findBudgets(db: ConfigDb, tenantId: TenantId): Promise<BudgetName[]> {
  return db.all<BudgetName>(sql`SELECT id, scope FROM scope_limit
    WHERE tenant_id = ${tenantId} AND unit = 'nano_usd' AND virtual_key_id IS NULL ORDER BY scope, id`)
}
