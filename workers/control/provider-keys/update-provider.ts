import type { AccountRecord } from '../../db/account-record.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import type { ActingPorts } from '../ports.ts'
import { applyAccount } from './apply-account.ts'
import { auditOfAccount } from './audit-account.ts'
import { changeAccount } from './change-account.ts'
import { accountPath, readProviderInput } from './read-provider-input.ts'
import { renderProvider } from './render-provider.ts'

/** `PUT /api/providers/{name}`: changes what the body names, and nothing else; its keys and its name are not changed here. */
export async function updateProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const input = await readProviderInput(c, ports)
  if (input.keys) throw invalid('keys are changed one by one, under /api/providers/{name}/keys')
  const path = accountPath(c)
  const change = ({ account, keys }: AccountRecord) => ({ account: applyAccount(account, input, ports), keys })
  const record = await changeAccount(path, { change, ...auditOfAccount('update', path) }, ports)
  return c.json(renderProvider(record), 200, { etag: etagOf(record.account.version) })
}
