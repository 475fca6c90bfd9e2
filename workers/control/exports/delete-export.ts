import { deleteExport as deleteRow } from '../../db/delete-export.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { exportInPath } from './get-export.ts'

/** `DELETE /v1/exports/:id`. Its link opens nothing from now on; the file itself goes within minutes. */
export async function deleteExport(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId, id, dataset, format, focusVersion, query } = await exportInPath(c, ports)
  const before = { dataset, format, focusVersion, query }
  const resource = { type: 'export', id }
  const audit = auditRow(tenantId, { action: 'export.delete', resource, before, after: null }, ports)
  if (!(await deleteRow(ports.db, { tenantId, id, nowMs: ports.nowMs() }, audit))) {
    throw new GatewayError('not_found', 'There is no such export.')
  }
  return c.json({ deleted: true })
}
