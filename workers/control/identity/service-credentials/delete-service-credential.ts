import { storedServiceId } from '../../../core/sign-in/service-key.ts'
import { findServiceCredential, revokeServiceCredential } from '../../../db/service-credentials.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlContext } from '../../http/env.ts'
import type { ActingPorts } from '../../ports.ts'

const unknown = () => new GatewayError('not_found', 'There is no such service credential.')

/** `DELETE /v1/identity/service-credentials/:id`. Tokens that were signed with it are refused from the next request on. */
export async function deleteServiceCredential(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const id = storedServiceId(c.req.param('id') ?? '') ?? ''
  const before = await findServiceCredential(ports.db, { tenantId, id })
  if (!before || before.revokedMs !== null) throw unknown()
  const resource = { type: 'service_credential', id }
  const audit = auditRow(tenantId, { action: 'service_credential.delete', resource, before, after: null }, ports)
  if (!(await revokeServiceCredential(ports.db, { ...before, revokedMs: ports.nowMs() }, audit))) throw unknown()
  return c.json({ deleted: true })
}
