import { REQUEST_TYPES } from '../../core/pricing/request-type.ts'
import type { TenantPricebook } from '../../core/pricing/tenant-pricebook.ts'
import { listAccounts } from '../../db/find-accounts.ts'
import { findVersionAt } from '../../db/pricebook-versions.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { instantOf, oneOf, type Query } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { type ListedModel, type PriceQuestion, priceRows, renderPrice } from './price-rows.ts'

type Seller = { name: string; by: string }

// The tenant's accounts sell at their vendors' prices, and take the place of the deployment's providers of their names.
async function sellersOf(c: ControlContext, ports: ControlPorts): Promise<Seller[]> {
  const accounts = await listAccounts(ports.db, c.get('principal').tenantId)
  const own = accounts.map(({ account: { name, vendor } }) => ({ name, by: vendor }))
  const shared = ports.providers().filter(name => !own.some(one => one.name === name.toLowerCase()))
  const all = [...own, ...shared.map(name => ({ name, by: name }))].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const { provider } = c.req.query()
  return provider ? all.filter(({ name }) => name.toLowerCase() === provider.toLowerCase()) : all
}

// What only the tenant's pricebook names is there too.
function namesOnly(seller: Seller, listed: string[], version: TenantPricebook | undefined): string[] {
  const entries = version?.entries.filter(
    ({ provider, matchType }) =>
      matchType === 'exact' && (provider ?? seller.name.toLowerCase()) === seller.name.toLowerCase(),
  )
  return [...new Set(entries?.map(({ pattern }) => pattern))].filter(name => !listed.includes(name))
}

function modelsOf(seller: Seller, version: TenantPricebook | undefined, ports: ControlPorts): ListedModel[] {
  const listed = ports.pricedModels(seller.by).map(known => ({ provider: seller.name, model: known.model, known }))
  const names = namesOnly(
    seller,
    listed.map(({ model }) => model),
    version,
  )
  return [...listed, ...names.map(name => namedModel(seller, name, ports))]
}

function namedModel(seller: Seller, model: string, ports: ControlPorts): ListedModel {
  return { provider: seller.name, model, known: ports.pricedModel(seller.by, model) }
}

async function questionOf(c: ControlContext, ports: ControlPorts): Promise<PriceQuestion> {
  const query: Query = c.req.query()
  const type = oneOf(query, 'request_type', REQUEST_TYPES)
  const atMs = instantOf(query, 'at') ?? ports.nowMs()
  const row = await findVersionAt(ports.db, { tenantId: c.get('principal').tenantId, atMs })
  const version = row && { number: row.number, fromMs: row.effectiveMs, entries: row.rates }
  return { atMs, types: type ? [type] : REQUEST_TYPES, version }
}

/**
 * `GET /v1/pricebook`: what models cost at an instant, by the price lists and the version of the tenant's pricebook that is in force
 * then. Overrides go before both and are not in it.
 */
export async function listPrices(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { model } = c.req.query()
  const [sellers, question] = await Promise.all([sellersOf(c, ports), questionOf(c, ports)])
  const models = sellers.flatMap(seller =>
    model ? [namedModel(seller, model, ports)] : modelsOf(seller, question.version, ports),
  )
  const rows = models.flatMap(one => priceRows(one, question))
  const { atMs, version } = question
  const at = new Date(atMs).toISOString()
  const shown = rows.slice(page.offset, page.offset + page.limit).map(row => renderPrice(row, atMs))
  return c.json({ ...listBody(shown, rows.length, page), at, version: version ? `pricebook@${version.number}` : null })
}
