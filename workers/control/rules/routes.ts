import { z } from 'zod'
import { RoutingRuleInput } from '../../contracts/routing-rule-input.ts'
import { governanceChange, governanceList } from '../governance/governance-shape.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createRule } from './create-rule.ts'
import { deleteRule } from './delete-rule.ts'
import { getRule } from './get-rule.ts'
import { listRules } from './list-rules.ts'
import { RuleDetailShape, RuleShape, RulesQuery } from './rule-shape.ts'
import { updateRule } from './update-rule.ts'

const all = { path: '/api/governance/routing-rules', tag: 'Routing rules' }
const one = { ...all, path: `${all.path}/:id` }
const read = { access: { scope: 'policies:read' } } as const
const write = { access: { scope: 'policies:write' } } as const
const changed = { 200: governanceChange('rule', RuleShape) }

/** The routes of routing rules. */
export const RULE_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, ...write, operationId: 'createRoutingRule', body: RoutingRuleInput },
    summary: 'Make a rule that sends requests elsewhere',
    responses: changed,
    hasEtag: true,
    handler: createRule,
  },
  {
    ...{ method: 'GET', ...all, ...read, operationId: 'listRoutingRules', query: RulesQuery },
    summary: 'List routing rules, in the order in which those of one scope are asked',
    responses: { 200: governanceList('rules', RuleShape) },
    handler: listRules,
  },
  {
    ...{ method: 'GET', ...one, ...read, operationId: 'getRoutingRule', summary: 'Get a routing rule' },
    responses: { 200: z.object({ rule: RuleDetailShape }) },
    hasEtag: true,
    handler: getRule,
  },
  {
    ...{ method: 'PUT', ...one, ...write, operationId: 'updateRoutingRule', body: RoutingRuleInput },
    summary: 'Change what the body names of a routing rule',
    responses: changed,
    hasEtag: true,
    handler: updateRule,
  },
  {
    ...{ method: 'DELETE', ...one, ...write, operationId: 'deleteRoutingRule', summary: 'Delete a routing rule' },
    responses: { 200: z.object({ message: z.string() }) },
    hasEtag: true,
    handler: deleteRule,
  },
]
