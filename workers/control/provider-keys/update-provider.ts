import { invalid } from '../governance/invalid.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { applyAccount } from './apply-account.ts'
import { changeAccount } from './change-account.ts'
import { accountPath, readProviderInput } from './read-provider-input.ts'
import { renderProvider } from './render-provider.ts'

/** `PUT /api/providers/{name}`: changes what the body names, and nothing else; its keys and its name are not changed here. */
export async function updateProvider(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const input = await readProviderInput(c, ports)
  if (input.keys) throw invalid('keys are changed one by one, under /api/providers/{name}/keys')
  const path = accountPath(c)
  const change = changeAccount(
    path,
    ({ account, keys }) => ({ account: applyAccount(account, input, ports), keys }),
    ports,
  )
  return c.json(renderProvider(await change))
}
