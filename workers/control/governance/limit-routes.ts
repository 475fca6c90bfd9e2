import { z } from 'zod'
import { LimitsInput } from '../../contracts/virtual-key-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { FromMemoryQuery } from './governance-query.ts'
import { governanceChange, ProviderShape } from './governance-shape.ts'
import { BudgetShape, RateLimitShape } from './limits-shape.ts'
import { listBudgets, listRateLimits } from './list-limit-rows.ts'
import { deleteProvider, listProviders, updateProvider } from './provider-limits.ts'

const count = z.int().min(0)

function rowsOf<S extends z.ZodType>(row: S) {
  return z.union([z.array(row), z.record(z.string(), row)])
}

const read = { scope: 'limits:read' } as const
const write = { scope: 'limits:write' } as const
const provider = { path: '/api/governance/providers/:name', tag: 'Limits', access: write }

/** The governance API's own routes of limits: all of them, and those of providers. */
export const GOVERNANCE_LIMIT_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', path: '/api/governance/budgets', tag: 'Limits', access: read },
    operationId: 'listBudgets',
    summary: 'List all budgets, of whatever owner',
    query: FromMemoryQuery,
    responses: { 200: z.object({ budgets: rowsOf(BudgetShape), count }) },
    handler: listBudgets,
  },
  {
    ...{ method: 'GET', path: '/api/governance/rate-limits', tag: 'Limits', access: read },
    operationId: 'listRateLimits',
    summary: 'List all rate limits, of whatever owner',
    query: FromMemoryQuery,
    responses: { 200: z.object({ rate_limits: rowsOf(RateLimitShape), count }) },
    handler: listRateLimits,
  },
  {
    ...{ method: 'GET', path: '/api/governance/providers', tag: 'Limits', access: read },
    operationId: 'listProviderLimits',
    summary: 'List the providers that have limits',
    responses: { 200: z.object({ providers: z.array(ProviderShape).nullable(), count }) },
    handler: listProviders,
  },
  {
    ...{ method: 'PUT', ...provider },
    operationId: 'updateProviderLimits',
    summary: 'Change what the body names of the limits of a provider',
    body: LimitsInput,
    responses: { 200: governanceChange('provider', ProviderShape) },
    handler: updateProvider,
  },
  {
    ...{ method: 'DELETE', ...provider },
    operationId: 'deleteProviderLimits',
    summary: 'Take all limits of a provider away',
    responses: { 200: z.object({ message: z.string() }) },
    handler: deleteProvider,
  },
]
