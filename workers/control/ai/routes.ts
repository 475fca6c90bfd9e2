import { PeriodQuery } from '../analytics/usage-shape.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import {
  AiPeriodQuery,
  AttributionShape,
  SpendQuery,
  SpendShape,
  SpendSummaryShape,
  UnitEconomicsShape,
  WorkflowQuery,
} from './ai-shape.ts'
import { getAgentCost, getWorkflowCost } from './get-attribution.ts'
import { getSpendSummary } from './get-spend-summary.ts'
import { getUnitEconomics } from './get-unit-economics.ts'
import { listSpend } from './list-spend.ts'

const tag = 'AI spend'
const access = { scope: 'analytics:read' } as const

/** What inference cost, as TensorCost's clients ask for it. */
export const AI_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/v1/ai/spend', tag, access: { scope: 'events:read' } },
    operationId: 'listSpend',
    summary: 'What single events cost, the newest first',
    query: SpendQuery,
    responses: { 200: SpendShape },
    handler: listSpend,
  },
  {
    ...{ method: 'GET', path: '/v1/ai/spend/summary', tag, access },
    operationId: 'getSpendSummary',
    summary: 'What inference cost by provider, model, application and team',
    query: AiPeriodQuery,
    responses: { 200: SpendSummaryShape },
    handler: getSpendSummary,
  },
  {
    ...{ method: 'GET', path: '/v1/ai/unit-economics', tag, access },
    operationId: 'getUnitEconomics',
    summary: 'What a request and a thousand tokens cost',
    query: AiPeriodQuery,
    responses: { 200: UnitEconomicsShape },
    handler: getUnitEconomics,
  },
  {
    ...{ method: 'GET', path: '/v1/ai/agents/:id/cost', tag, access },
    operationId: 'getAgentCost',
    summary: 'What an agent cost, by model and by day',
    query: PeriodQuery,
    responses: { 200: AttributionShape },
    handler: getAgentCost,
  },
  {
    ...{ method: 'GET', path: '/v1/ai/workflows/:id/cost', tag, access },
    operationId: 'getWorkflowCost',
    summary: 'What a workflow cost, by model and by day',
    query: WorkflowQuery,
    responses: { 200: AttributionShape },
    handler: getWorkflowCost,
  },
]
