import { deleteProvider as deleteRow } from '../../../db/save-provider.ts'
import { auditRow } from '../../audit/audit-row.ts'
import { retryWhileStale } from '../../governance/retry-while-stale.ts'
import type { ControlContext } from '../../http/env.ts'
import { checkIfMatch } from '../../http/etag.ts'
import type { ActingPorts } from '../../ports.ts'
import { findMine } from './find-mine.ts'

async function attempt(c: ControlContext, ports: ActingPorts): Promise<true | undefined> {
  const before = await findMine(c, ports)
  checkIfMatch(before.version, ports)
  const resource = { type: 'sso_provider', id: before.id }
  const audit = auditRow(before.tenantId, { action: 'sso_provider.delete', resource, before, after: null }, ports)
  return (await deleteRow(ports.db, before, audit)) === 'saved' ? true : undefined
}

/** `DELETE /v1/identity/sso/:id`. Its tokens open nothing from the next request on; who became a member by it stays one. */
export async function deleteProvider(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await retryWhileStale(() => attempt(c, ports))
  return c.json({ deleted: true })
}
