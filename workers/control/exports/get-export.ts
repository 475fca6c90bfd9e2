import type { ExportJob } from '../../db/export-job.ts'
import { findExport } from '../../db/find-export.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { storedId } from '../http/prefixed-id.ts'
import type { ControlPorts } from '../ports.ts'
import { renderExport } from './render-export.ts'

/** The export that the path names, if it is the caller's. Throws `not_found`. */
export async function exportInPath(c: ControlContext, ports: ControlPorts): Promise<ExportJob> {
  const id = storedId('exp', c.req.param('id'))
  const job = await findExport(ports.db, { tenantId: c.get('principal').tenantId, id })
  if (!job) throw new GatewayError('not_found', 'There is no such export.')
  return job
}

/** `GET /v1/exports/:id`: how far it is, and where its file is. */
export async function getExport(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return c.json(renderExport(await exportInPath(c, ports), c, ports))
}
