import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { changeRule } from './save-and-push.ts'

/** `DELETE /api/governance/routing-rules/{id}`: its name and its priority are free again. */
export async function deleteRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  await changeRule(path, { verb: 'delete', change: current => current }, ports)
  return c.json({ message: 'Routing rule deleted successfully' })
}
