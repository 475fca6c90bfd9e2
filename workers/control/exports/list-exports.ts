import { EXPORT_STATUSES } from '../../core/export/export-kind.ts'
import { listExports as listRows } from '../../db/list-exports.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { oneOf } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { renderExport } from './render-export.ts'

/** `GET /v1/exports`: a page of the tenant's exports that were not deleted, the newest first. */
export async function listExports(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const status = oneOf(c.req.query(), 'status', EXPORT_STATUSES)
  const { tenantId } = c.get('principal')
  const { jobs, total } = await listRows(ports.db, { tenantId, ...page, ...(status && { status }) })
  return c.json(
    listBody(
      jobs.map(job => renderExport(job, c, ports)),
      total,
      page,
    ),
  )
}
