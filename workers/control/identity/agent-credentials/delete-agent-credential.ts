import { agentKeyId, readAgentKeyId } from '../../../core/sign-in/agent-signature.ts'
import { findAgentCredential, revokeAgentCredential } from '../../../db/agent-credentials.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlContext } from '../../http/env.ts'
import type { ActingPorts } from '../../ports.ts'

const unknown = () => new GatewayError('not_found', 'There is no such agent credential.')

/** `DELETE /v1/identity/agent-credentials/:keyId`. In force with the next request. */
export async function deleteAgentCredential(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const ref = readAgentKeyId(c.req.param('keyId') ?? '')
  const path = ref?.tenantId === tenantId ? { tenantId, id: ref.id } : undefined
  const before = path && (await findAgentCredential(ports.db, path))
  if (!before || before.revokedMs !== null) throw unknown()
  const resource = { type: 'agent_credential', id: agentKeyId(before) }
  const audit = auditRow(tenantId, { action: 'agent_credential.delete', resource, before, after: null }, ports)
  if (!(await revokeAgentCredential(ports.db, { ...before, revokedMs: ports.nowMs() }, audit))) throw unknown()
  return c.json({ deleted: true })
}
