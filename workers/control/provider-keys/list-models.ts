import { listAccounts } from '../../db/find-accounts.ts'
import type { ControlContext } from '../http/env.ts'
import { wholeNumber } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'

/** Bifrost's, where `limit` is not said. */
const FEW = 5
const MOST = 10_000

type NamedModel = { name: string; provider: string }

async function allModels(c: ControlContext, ports: ControlPorts): Promise<NamedModel[]> {
  const own = (await listAccounts(ports.db, c.get('principal').tenantId)).map(({ account }) => account)
  const shared = ports.providers().filter(name => !own.some(account => account.name === name.toLowerCase()))
  const sold = [...own.map(({ name, vendor }) => ({ name, by: vendor })), ...shared.map(name => ({ name, by: name }))]
  return sold.flatMap(({ name, by }) => ports.models(by).map(model => ({ name: model, provider: name })))
}

/** `GET /api/models`: the models that a price is known of, at the tenant's accounts and at the deployment's providers. */
export async function listModels(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { query = '', provider } = c.req.query()
  const limit = wholeNumber(c.req.query(), 'limit', { min: 1, max: MOST, otherwise: FEW })
  const isAsked = (model: NamedModel) =>
    model.name.toLowerCase().includes(query.toLowerCase()) &&
    (!provider || model.provider.toLowerCase() === provider.toLowerCase())
  const models = (await allModels(c, ports)).filter(isAsked)
  return c.json({ models: models.slice(0, limit), total: models.length })
}
