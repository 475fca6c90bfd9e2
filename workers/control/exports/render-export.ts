import type { z } from 'zod'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { ExportJob } from '../../db/export-job.ts'
import type { ControlContext } from '../http/env.ts'
import { shownId } from '../http/prefixed-id.ts'
import type { ControlPorts } from '../ports.ts'
import type { ExportShape } from './export-shape.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))

function downloadUrl(job: ExportJob, c: ControlContext, { exports: { tokens }, nowMs }: ControlPorts): string | null {
  const { tenantId, id, expiresMs } = job
  if (job.status !== 'completed' || expiresMs === null || expiresMs <= nowMs()) return null
  const token = tokens.sign({ tenantId, exportId: id, expiresMs })
  return `${new URL(c.req.url).origin}/v1/exports/${shownId('exp', id)}/download?token=${token}`
}

/** An export as the API shows it. The link is the same until it expires, and is nowhere stored. */
export function renderExport(job: ExportJob, c: ControlContext, ports: ControlPorts): z.input<typeof ExportShape> {
  const { startMs, endMs, filter, tags } = job.query
  return {
    ...{ id: shownId('exp', job.id), status: job.status, dataset: job.dataset, format: job.format },
    ...{ focus_version: job.focusVersion, start_date: iso(startMs), end_date: iso(endMs) },
    filters: { ...filter, ...(tags && { tags }) },
    ...{ rows: job.rowCount, events: job.events, bytes: job.bytes, cost_usd: usdFromNano(job.costNano) },
    ...{ download_url: downloadUrl(job, c, ports), error: job.error, created_at: iso(job.createdMs) },
    ...{ completed_at: isoOrNull(job.completedMs), expires_at: isoOrNull(job.expiresMs) },
  }
}
