import { z } from 'zod'
import { BudgetOverrideInput } from '../../contracts/budget-override-input.ts'
import { RotateKeysInput } from '../../contracts/rotate-keys-input.ts'
import { VirtualKeyInput } from '../../contracts/virtual-key-input.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createKey } from './create-key.ts'
import { deleteKey } from './delete-key.ts'
import { getKey } from './get-key.ts'
import { getQuota } from './get-quota.ts'
import { KeysQuery } from './governance-query.ts'
import { governanceChange, governanceList, KeyShape, QuotaShape } from './governance-shape.ts'
import { BudgetShape } from './limits-shape.ts'
import { listVirtualKeys } from './list-keys.ts'
import { clearOverride, overrideBudget } from './override-budget.ts'
import { rotateKey, rotateKeys } from './rotate-key.ts'
import { updateKey } from './update-key.ts'

const all = { path: '/api/governance/virtual-keys', tag: 'Virtual keys' }
const one = { path: '/api/governance/virtual-keys/:id', tag: 'Virtual keys' }
const rotate = { path: `${one.path}/rotate`, tag: one.tag }
const several = { path: `${all.path}/rotate`, tag: all.tag }
const override = { path: `${one.path}/budgets/:budget_id/override`, tag: one.tag }
const quota = { path: `${all.path}/quota`, tag: all.tag }
const RotatedShape = z.object({
  message: z.string(),
  virtual_keys: z.array(KeyShape),
  errors: z.array(z.object({ index: z.int().min(0), error: z.string() })).optional(),
})
const read = { scope: 'keys:read' } as const
const write = { scope: 'keys:write' } as const
const overridden = { 200: z.object({ budget: BudgetShape, effective_max_limit: z.number().min(0) }) }
const changed = { 200: governanceChange('virtual_key', KeyShape) }

/** The routes of virtual keys. */
export const KEY_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createVirtualKey',
    summary: 'Make a virtual key; its text is in this answer and in no other',
    body: VirtualKeyInput,
    responses: changed,
    secret: ['virtual_key', 'value'],
    hasEtag: true,
    handler: createKey,
  },
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listVirtualKeys',
    summary: 'List virtual keys',
    query: KeysQuery,
    responses: { 200: governanceList('virtual_keys', KeyShape) },
    handler: listVirtualKeys,
  },
  {
    ...{ method: 'GET', ...quota, access: 'virtual_key' },
    operationId: 'getQuota',
    summary: 'How the presented virtual key stands; it opens this itself',
    responses: { 200: QuotaShape },
    handler: getQuota,
  },
  {
    ...{ method: 'POST', ...several, access: write },
    operationId: 'rotateVirtualKeys',
    summary: 'Give virtual keys new texts, each by itself',
    body: RotateKeysInput,
    responses: { 200: RotatedShape, 500: RotatedShape },
    secret: ['virtual_keys', 'value'],
    handler: rotateKeys,
  },
  {
    ...{ method: 'POST', ...rotate, access: write },
    operationId: 'rotateVirtualKey',
    summary: 'Give a virtual key a new text; it is in this answer and in no other',
    responses: changed,
    secret: ['virtual_key', 'value'],
    hasEtag: true,
    handler: rotateKey,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getVirtualKey',
    summary: 'Get a virtual key with the usage of its limits',
    responses: { 200: z.object({ virtual_key: KeyShape }) },
    hasEtag: true,
    handler: getKey,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updateVirtualKey',
    summary: 'Change what the body names of a virtual key',
    body: VirtualKeyInput,
    responses: changed,
    hasEtag: true,
    handler: updateKey,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deleteVirtualKey',
    summary: 'Delete a virtual key; it is refused at once',
    responses: { 200: z.object({ message: z.string() }) },
    hasEtag: true,
    handler: deleteKey,
  },
  {
    ...{ method: 'PUT', ...override, access: write },
    operationId: 'overrideBudget',
    summary: 'Give a budget of a virtual key more than its maximum, for a number of windows or for ever',
    body: BudgetOverrideInput,
    responses: overridden,
    hasEtag: true,
    handler: overrideBudget,
  },
  {
    ...{ method: 'DELETE', ...override, access: write },
    operationId: 'clearBudgetOverride',
    summary: 'Take the override of a budget away',
    responses: overridden,
    hasEtag: true,
    handler: clearOverride,
  },
]
