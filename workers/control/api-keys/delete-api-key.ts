import { findApiKey } from '../../db/find-api-key.ts'
import { revokeApiKey } from '../../db/save-api-key.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { storedKeyId } from './api-key-id.ts'

const unknown = () => new GatewayError('not_found', 'There is no such API key.')

/** `DELETE /v1/api-keys/:id`. In force with the next request; the row stays, so that what the key did keeps its name. */
export async function deleteApiKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const before = await findApiKey(ports.db, { tenantId, id: storedKeyId(c.req.param('id') ?? '') })
  if (!before || before.revokedMs !== null) throw unknown()
  const resource = { type: 'api_key', id: before.id }
  const audit = auditRow(tenantId, { action: 'api_key.delete', resource, before, after: null }, ports)
  if (!(await revokeApiKey(ports.db, { ...before, revokedMs: ports.nowMs() }, audit))) throw unknown()
  return c.json({ deleted: true })
}
