import { findAccount } from '../../db/find-accounts.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ControlPorts } from '../ports.ts'
import { providerNotFound } from './not-found.ts'
import { accountPath } from './read-provider-input.ts'
import { renderProvider, renderShared } from './render-provider.ts'

/** `GET /api/providers/{name}`: the tenant's own account, or else the deployment's provider. */
export async function getProvider(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const path = accountPath(c)
  const record = await findAccount(ports.db, path)
  if (record && record.account.deletedMs === null) {
    return c.json(renderProvider(record), 200, { etag: etagOf(record.account.version) })
  }
  const shared = ports.providers().find(name => name.toLowerCase() === path.name)
  if (shared === undefined) throw providerNotFound()
  return c.json(renderShared(shared))
}
