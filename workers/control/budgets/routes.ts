import { z } from 'zod'
import { BudgetInput, BudgetUpdate } from '../../contracts/budget-input.ts'
import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { BudgetShape, BudgetsQuery } from './budget-shape.ts'
import { getBudget, listBudgets } from './show-budgets.ts'
import { createBudget, deleteBudget, updateBudget } from './write-budgets.ts'

const all = { path: '/v1/budgets', tag: 'Budgets' }
const one = { ...all, path: `${all.path}/:id` }
const read = { access: { scope: 'limits:read' } } as const
const write = { access: { scope: 'limits:write' } } as const

/** The routes of budgets: limits of money on agents, users, tags and the tenant, with where they are going. */
export const BUDGET_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, ...write, operationId: 'createBudget', body: BudgetInput },
    summary: 'Give an agent, a user, tags, what has all of those, or the tenant a budget',
    responses: { 201: BudgetShape },
    hasEtag: true,
    handler: createBudget,
  },
  {
    ...{ method: 'GET', ...all, ...read, operationId: 'listAgentBudgets', query: BudgetsQuery },
    summary: 'List budgets of agents, users, tags and the tenant, the oldest first',
    responses: { 200: listOf(BudgetShape) },
    handler: listBudgets,
  },
  {
    ...{ method: 'GET', ...one, ...read, operationId: 'getBudget', summary: 'Get a budget, and where it is going' },
    responses: { 200: BudgetShape },
    hasEtag: true,
    handler: getBudget,
  },
  {
    ...{ method: 'PUT', ...one, ...write, operationId: 'updateBudget', body: BudgetUpdate },
    summary: 'Change what the body names of a budget; what is spent stays spent',
    responses: { 200: BudgetShape },
    hasEtag: true,
    handler: updateBudget,
  },
  {
    ...{ method: 'DELETE', ...one, ...write, operationId: 'deleteBudget', summary: 'Take a budget away' },
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    hasEtag: true,
    handler: deleteBudget,
  },
]
