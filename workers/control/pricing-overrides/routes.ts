import { z } from 'zod'
import { PricingOverrideInput } from '../../contracts/pricing-override-input.ts'
import { OVERRIDE_SCOPES } from '../../core/pricing/price-override.ts'
import { REQUEST_TYPES } from '../../core/pricing/request-type.ts'
import { governanceChange, governanceList } from '../governance/governance-shape.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { getOverride, listOverrides } from './list-overrides.ts'
import { createOverride, deleteOverride, updateOverride } from './write-overrides.ts'

const tag = 'Prices'
const all = { path: '/api/governance/pricing-overrides', tag }
const one = { path: `${all.path}/:id`, tag }
const read = { scope: 'prices:read' } as const
const write = { scope: 'prices:write' } as const
const text = z.string().optional()
const whole = z.int().min(0).optional()

const OverrideShape = z.object({
  ...{ id: z.uuid(), name: z.string(), scope_kind: z.enum(OVERRIDE_SCOPES) },
  ...{ virtual_key_id: text, provider_id: text, provider_key_id: text, provider_key_name: text },
  ...{ match_type: z.enum(['exact', 'wildcard']), pattern: z.string() },
  request_types: z.array(z.enum(REQUEST_TYPES)),
  pricing_patch: z.string().meta({ description: 'The same as patch, as the text of a JSON object.' }),
  patch: z.record(z.string(), z.number()),
  config_hash: z.string(),
  ...{ created_at: z.iso.datetime(), updated_at: z.iso.datetime() },
})

const OverridesQuery = z.object({
  ...{ limit: whole, offset: whole, search: text },
  ...{ scope_kind: text, virtual_key_id: text, provider_id: text, provider_key_id: text },
})

/** The routes of pricing overrides. */
export const PRICING_OVERRIDE_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listPricingOverrides',
    summary: 'List pricing overrides, the oldest first',
    query: OverridesQuery,
    responses: { 200: governanceList('pricing_overrides', OverrideShape) },
    handler: listOverrides,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createPricingOverride',
    summary: 'Say what models cost, from the next request on',
    body: PricingOverrideInput,
    responses: { 201: governanceChange('pricing_override', OverrideShape) },
    hasEtag: true,
    handler: createOverride,
  },
  {
    ...{ method: 'GET', ...one, access: read },
    operationId: 'getPricingOverride',
    summary: 'Get a pricing override',
    responses: { 200: z.object({ pricing_override: OverrideShape }) },
    hasEtag: true,
    handler: getOverride,
  },
  {
    ...{ method: 'PUT', ...one, access: write },
    operationId: 'updatePricingOverride',
    summary: 'Change what the body names of a pricing override',
    body: PricingOverrideInput,
    responses: { 200: governanceChange('pricing_override', OverrideShape) },
    hasEtag: true,
    handler: updateOverride,
  },
  {
    ...{ method: 'DELETE', ...one, access: write },
    operationId: 'deletePricingOverride',
    summary: 'Delete a pricing override',
    responses: { 200: z.object({ message: z.string() }) },
    hasEtag: true,
    handler: deleteOverride,
  },
]
