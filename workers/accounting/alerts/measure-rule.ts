import { isWatched, type Measured, SPEND_WINDOWS, spendWindow } from '../../core/alerts/alert-rule.ts'
import { type AlertRuleRow, type BudgetName, findBudgets } from '../../db/find-alert-rules.ts'
import { sumUsage } from '../../db/sum-usage.ts'
import type { AccountingPorts } from '../ports.ts'

/** The most scopes whose budgets one rule looks at. */
const MAX_SCOPES = 500
const AT_ONCE = 10

type OfSpending = AlertRuleRow & { trigger: keyof typeof SPEND_WINDOWS }

const isOfSpending = (rule: AlertRuleRow): rule is OfSpending => rule.trigger in SPEND_WINDOWS

async function spendingOf(rule: OfSpending, ports: AccountingPorts): Promise<Measured[]> {
  const { tenantId, threshold: max, filters } = rule
  const { tags = {}, ...filter } = filters
  const range = spendWindow(rule.trigger, ports.nowMs())
  const query = { tenantId, range, groupBy: [], sums: ['cost_nano'] as const, filter, tags }
  const [sum] = await sumUsage(await ports.eventsDb(tenantId), query)
  return [{ ...range, limitId: '', scope: null, used: Number(sum?.cost_nano ?? 0n), max }]
}

async function budgetsIn(scope: string, budgets: BudgetName[], { rule, ports }: Looking): Promise<Measured[]> {
  const ids = new Set(budgets.filter(one => one.scope === scope).map(({ id }) => id))
  const standings = await ports.readBudgets({ tenantId: rule.tenantId, scope })
  return standings
    .filter(({ limitId }) => ids.has(limitId))
    .map(({ limitId, startMs, endMs, spent: used, max }) => ({ limitId, scope, startMs, endMs, used, max }))
}

type Looking = { rule: AlertRuleRow; ports: AccountingPorts }

async function budgetsOf(looking: Looking): Promise<Measured[]> {
  const { rule, ports } = looking
  const budgets = await findBudgets(ports.db, rule.tenantId)
  const watched = [...new Set(budgets.map(({ scope }) => scope))].filter(scope => isWatched(scope, rule.filters))
  const left = watched.length - MAX_SCOPES
  if (left > 0) ports.log({ event: 'alert_rule_cut', tenant_id: rule.tenantId, rule_id: rule.id, scopes: left })
  const scopes = watched.slice(0, MAX_SCOPES)
  const measured: Measured[] = []
  for (let at = 0; at < scopes.length; at += AT_ONCE) {
    const some = scopes.slice(at, at + AT_ONCE)
    measured.push(...(await Promise.all(some.map(scope => budgetsIn(scope, budgets, looking)))).flat())
  }
  return measured
}

/** What there is now of all that a rule looks at: spending as it is recorded, budgets as their own objects count them. */
export function measureRule(rule: AlertRuleRow, ports: AccountingPorts): Promise<Measured[]> {
  return isOfSpending(rule) ? spendingOf(rule, ports) : budgetsOf({ rule, ports })
}
