import { PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { BudgetsShape, BySourceShape, ByTagQuery, ByTagShape, CostPeriodQuery, CostSummaryShape } from './cost-shape.ts'
import { getBySource } from './get-by-source.ts'
import { getByTag } from './get-by-tag.ts'
import { getCostSummary } from './get-summary.ts'
import { listBudgets } from './list-budgets.ts'

const tag = 'Cost'
const access = { scope: 'analytics:read' } as const

/** What was spent, as TensorCost's clients ask for it. */
export const COST_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/cost/summary', tag, access },
    operationId: 'getCostSummary',
    summary: 'What was spent in a period and in that before it',
    query: CostPeriodQuery,
    responses: { 200: CostSummaryShape },
    handler: getCostSummary,
  },
  {
    ...{ method: 'GET', path: '/v1/cost/by-source', tag, access },
    operationId: 'getCostBySource',
    summary: 'Costs by where they are paid',
    query: CostPeriodQuery,
    responses: { 200: BySourceShape },
    handler: getBySource,
  },
  {
    ...{ method: 'GET', path: '/v1/cost/by-tag', tag, access },
    operationId: 'getCostByTag',
    summary: 'Costs by team, feature, or the values of a tag',
    query: ByTagQuery,
    responses: { 200: ByTagShape },
    handler: getByTag,
  },
  {
    ...{ method: 'GET', path: '/v1/cost/budgets', tag, access: { scope: 'limits:read' } },
    operationId: 'listCostBudgets',
    summary: 'All budgets, whom they belong to, and how fast they are spent',
    query: PageQuery,
    responses: { 200: BudgetsShape },
    handler: listBudgets,
  },
]
