import type { RefreshRow } from '../../db/find-session.ts'
import { revokeFamily } from '../../db/save-session.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ActingPorts } from '../ports.ts'
import { inNameOf } from './open-session.ts'

/** Ends the sign-in that a refresh token came from, and says why in the audit trail: it was left, or a token came twice. */
export async function endSession(
  { tenantId, familyId, userId }: RefreshRow,
  action: 'session.delete' | 'session.revoke_reused',
  ports: ActingPorts,
): Promise<void> {
  const resource = { type: 'session', id: familyId }
  const change = { action, resource, before: { tenantId, familyId, userId }, after: null }
  const audit = auditRow(tenantId, change, inNameOf({ id: userId }, ports))
  await revokeFamily(ports.db, { tenantId, familyId, nowMs: ports.nowMs() }, audit)
}
