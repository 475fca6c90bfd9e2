import type { ProviderAccount } from '../../core/snapshot.ts'
import type { AccountRecord } from '../../db/account-record.ts'
import { listAccounts } from '../../db/find-accounts.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'

// As snapshots have it; what opens its keys is not asked for.
function accountOf({ account, keys }: AccountRecord): ProviderAccount {
  const { name, vendor, baseUrl, region, residency } = account
  const enabled = keys.filter(key => key.enabled)
  return { name, vendor, baseUrl, region, residency, keys: enabled }
}

/** `GET /v1/providers` for who may read them: all that the tenant's keys could be given. */
export async function listRoutable(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { tenantId } = c.get('principal')
  const accounts = await listAccounts(ports.db, tenantId)
  const all = ports.describeProviders(tenantId, accounts.map(accountOf))
  return c.json(listBody(all.slice(page.offset, page.offset + page.limit), all.length, page))
}
