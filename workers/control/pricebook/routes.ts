import { z } from 'zod'
import { PricebookInput } from '../../contracts/pricebook-input.ts'
import { REQUEST_TYPES } from '../../core/pricing/request-type.ts'
import { listOf, PageQuery } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { createVersion } from './create-version.ts'
import { listPrices } from './list-prices.ts'
import { getVersion, listVersions } from './list-versions.ts'

const tag = 'Prices'
const all = { path: '/v1/pricebook', tag }
const versions = { path: '/v1/pricebook/versions', tag }
const read = { scope: 'prices:read' } as const
const write = { scope: 'prices:write' } as const
const text = z.string().optional()

const Rates = z
  .record(z.string(), z.object({ pico_usd: z.int().min(0), usd: z.string() }))
  .meta({ description: 'Per unit: whole pico-dollars, and the same as decimal dollars.' })
const Tier = z.object({ above_input_tokens: z.int().min(0), prices: Rates })
const List = { prices: Rates, tiers: z.array(Tier), variants: z.record(z.string(), Rates) }
const types = z.array(z.enum(REQUEST_TYPES))

const PriceShape = z.object({
  ...{ provider: z.string(), model: z.string(), priced_model: z.string() },
  source: z.string().meta({ description: 'pricebook, declared, or pricebook@N of the tenant’s own version N.' }),
  pricebook_version: z.string(),
  request_types: types,
  ...List,
  service_tiers: z.record(z.string(), z.object(List)),
})

const EntryShape = z.object({
  provider: z.string().nullable(),
  ...{ model: z.string(), match_type: z.enum(['exact', 'wildcard']), request_types: types.nullable() },
  prices: z.record(z.string(), z.number()),
})

const VersionShape = z.object({
  ...{ id: z.uuid(), number: z.int().min(1), version: z.string(), note: z.string() },
  ...{ effective_from: z.iso.datetime(), entries: z.array(EntryShape), created_at: z.iso.datetime() },
})

const PricesQuery = z.object({
  ...PageQuery.shape,
  ...{ provider: text, model: text },
  request_type: z.enum(REQUEST_TYPES).optional(),
  at: text.meta({ description: 'An ISO 8601 date or date-time; now unless said.' }),
})

/** The routes of the pricebook. */
export const PRICEBOOK_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'GET', ...all, access: read },
    operationId: 'listPrices',
    summary: 'What models cost at an instant',
    query: PricesQuery,
    responses: {
      200: z.object({ ...listOf(PriceShape).shape, at: z.iso.datetime(), version: z.string().nullable() }),
    },
    handler: listPrices,
  },
  {
    ...{ method: 'POST', ...all, access: write },
    operationId: 'createPricebookVersion',
    summary: 'Say what models cost from an instant on, which is not in the past',
    body: PricebookInput,
    responses: { 201: z.object({ data: VersionShape }) },
    handler: createVersion,
  },
  {
    ...{ method: 'GET', ...versions, access: read },
    operationId: 'listPricebookVersions',
    summary: 'List the versions of the tenant’s pricebook, the newest first',
    query: PageQuery,
    responses: { 200: listOf(VersionShape) },
    handler: listVersions,
  },
  {
    ...{ method: 'GET', path: `${versions.path}/:id`, tag, access: read },
    operationId: 'getPricebookVersion',
    summary: 'Get a version of the tenant’s pricebook',
    responses: { 200: z.object({ data: VersionShape }) },
    handler: getVersion,
  },
]
