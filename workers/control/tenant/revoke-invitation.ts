import { findInvitation } from '../../db/find-invitations.ts'
import { revokeInvitation as revokeRow } from '../../db/save-invitation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { storedId } from '../http/prefixed-id.ts'
import type { ActingPorts } from '../ports.ts'

const unknown = () => new GatewayError('not_found', 'There is no such invitation.')

/** `DELETE /v1/tenant/invitations/:id`: its token opens nothing any more. */
export async function revokeInvitation(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const row = await findInvitation(ports.db, { tenantId, id: storedId('inv', c.req.param('id')) })
  if (!row || row.acceptedMs !== null || row.revokedMs !== null) throw unknown()
  const resource = { type: 'invitation', id: row.id }
  const audit = auditRow(tenantId, { action: 'invitation.revoke', resource, before: row, after: null }, ports)
  if (!(await revokeRow(ports.db, { row, nowMs: ports.nowMs() }, audit))) throw unknown()
  return c.json({ revoked: true })
}
