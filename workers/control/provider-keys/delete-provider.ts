import type { AccountRecord } from '../../db/account-record.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { auditOfAccount } from './audit-account.ts'
import { changeAccount } from './change-account.ts'
import { accountPath } from './read-provider-input.ts'

/** `DELETE /api/providers/{name}`: with all its keys. The deployment's provider of the name, if any, is in its place again. */
export async function deleteProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const nowMs = ports.nowMs()
  const gone = { baseUrl: null, region: null, residency: null, patience: null, updatedMs: nowMs, deletedMs: nowMs }
  const path = accountPath(c)
  const change = ({ account }: AccountRecord) => ({ account: { ...account, ...gone }, keys: [] })
  await changeAccount(path, { change, ...auditOfAccount('delete', path) }, ports)
  return c.json({ message: 'Provider deleted successfully' })
}
