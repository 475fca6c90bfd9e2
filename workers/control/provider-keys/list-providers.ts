import { listAccounts } from '../../db/find-accounts.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { renderProvider, renderProviderKey, renderShared } from './render-provider.ts'

/** `GET /api/providers`: the tenant's own, and the deployment's that none of them takes the place of. */
export async function listProviders(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const own = await listAccounts(ports.db, c.get('principal').tenantId)
  const names = own.map(({ account }) => account.name)
  const shared = ports.providers().filter(name => !names.includes(name.toLowerCase()))
  const providers = [...own.map(renderProvider), ...shared.map(renderShared)]
  return c.json({ providers, total: providers.length })
}

/** `GET /api/keys`: the keys of all the tenant's accounts. */
export async function listAllKeys(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const own = await listAccounts(ports.db, c.get('principal').tenantId)
  return c.json(own.flatMap(({ account, keys }) => keys.map(key => renderProviderKey(key, account.vendor))))
}
