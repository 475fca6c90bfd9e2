import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { changeAccount } from './change-account.ts'
import { accountPath } from './read-provider-input.ts'

/** `DELETE /api/providers/{name}`: with all its keys. The deployment's provider of the name, if any, is in its place again. */
export async function deleteProvider(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const nowMs = ports.nowMs()
  const gone = { baseUrl: null, region: null, residency: null, patience: null, updatedMs: nowMs, deletedMs: nowMs }
  await changeAccount(accountPath(c), ({ account }) => ({ account: { ...account, ...gone }, keys: [] }), ports)
  return c.json({ message: 'Provider deleted successfully' })
}
