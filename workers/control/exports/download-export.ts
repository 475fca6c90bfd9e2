import { asTenantId } from '../../core/access/tenant-id.ts'
import { EXPORT_FILES } from '../../core/export/export-kind.ts'
import type { ExportJob } from '../../db/export-job.ts'
import { findExport } from '../../db/find-export.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type ByteRange, readByteRange } from '../http/byte-range.ts'
import type { ControlContext } from '../http/env.ts'
import { storedId } from '../http/prefixed-id.ts'
import type { ControlPorts } from '../ports.ts'

const gone = () =>
  new GatewayError('not_found', 'There is no such file, or its link has expired: read the export again for a new one.')

async function openedBy(c: ControlContext, ports: ControlPorts): Promise<ExportJob> {
  const id = storedId('exp', c.req.param('id'))
  const grant = ports.exports.tokens.read(c.req.query('token') ?? '', id, ports.nowMs())
  const job = grant && (await findExport(ports.db, { tenantId: asTenantId(grant.tenantId), id }))
  if (job?.status !== 'completed') throw gone()
  return job
}

function fileName({ dataset, focusVersion, format, query }: ExportJob): string {
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  const name = `${dataset}${focusVersion ? `-${focusVersion}` : ''}`
  return `weir-${name}-${day(query.startMs)}-${day(query.endMs - 1)}.${EXPORT_FILES[format].extension}`
}

function headersOf(job: ExportJob, etag: string): Record<string, string> {
  return {
    'content-type': EXPORT_FILES[job.format].contentType,
    'content-disposition': `attachment; filename="${fileName(job)}"`,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    etag,
  }
}

function partHeaders({ offset, length }: ByteRange, size: number): Record<string, string> {
  return { 'content-range': `bytes ${offset}-${offset + length - 1}/${size}`, 'content-length': String(length) }
}

/** `GET /v1/exports/:id/download`. Who has the link needs nothing else. */
export async function downloadExport(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const job = await openedBy(c, ports)
  const range = readByteRange(c.req.header('range') ?? null, job.bytes)
  if (range === 'unsatisfiable') return c.body(null, 416, { 'content-range': `bytes */${job.bytes}` })
  const object = await ports.exports.open(job.objectKey, range)
  if (!object) throw gone()
  const headers = headersOf(job, object.httpEtag)
  if (range) return c.body(object.body, 206, { ...headers, ...partHeaders(range, job.bytes) })
  return c.body(object.body, 200, { ...headers, 'content-length': String(object.size) })
}
