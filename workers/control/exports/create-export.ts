import { z } from 'zod'
import { EXPORT_FILTERS, ExportInput } from '../../contracts/export-input.ts'
import type { FocusVersion } from '../../core/export/export-kind.ts'
import type { EventFilter } from '../../db/event-query.ts'
import type { ExportJob } from '../../db/export-job.ts'
import { insertExport } from '../../db/insert-export.ts'
import type { ExportQuery } from '../../db/schema/exports.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam, timeRange } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { renderExport } from './render-export.ts'

/** How many exports of a tenant may be unfinished at once. */
const MAX_UNFINISHED = 5

function readFilter(input: ExportInput): EventFilter {
  const given = EXPORT_FILTERS.flatMap(name => (input[name] === undefined || input[name] === null ? [] : [name]))
  return Object.fromEntries(given.map(name => [name, input[name]]))
}

// What begins after this moment is in no export that is asked for now.
function readQuery(input: ExportInput, nowMs: number): ExportQuery {
  const { startMs = 0, endMs = nowMs } = timeRange({ start_date: input.start_date, end_date: input.end_date })
  if (startMs >= nowMs) throw badParam('start_date', 'in the past')
  return {
    startMs,
    endMs: Math.min(endMs, nowMs),
    filter: readFilter(input),
    ...(input.tags && { tags: input.tags }),
  }
}

function versionOf({ dataset, focus_version }: ExportInput): FocusVersion | null {
  if (dataset === 'focus') return focus_version ?? '1.4'
  if (focus_version) throw badParam('focus_version', 'left out where dataset is not focus')
  return null
}

const UNTOUCHED = {
  ...{ cursor: '', carry: '', uploadId: null, parts: 0, rowCount: 0, events: 0, bytes: 0, costNano: 0, attempts: 0 },
  ...{ restarts: 0, error: null, leaseOwner: '', leaseUntilMs: 0, completedMs: null, expiresMs: null },
  ...{ deletedMs: null, removedMs: null },
}

function newJob(input: ExportInput, c: ControlContext, ports: ActingPorts): ExportJob {
  const { tenantId, kind, id: callerId } = c.get('principal')
  const id = ports.newId()
  const nowMs = ports.nowMs()
  const { dataset, format } = input
  return {
    ...{ tenantId, id, dataset, format, focusVersion: versionOf(input), query: readQuery(input, nowMs) },
    ...{ status: 'queued', phase: dataset === 'focus' ? 'gather' : 'write' },
    ...UNTOUCHED,
    objectKey: `exports/${tenantId}/${id}`,
    ...{ createdBy: `${kind}:${callerId}`, createdMs: nowMs, updatedMs: nowMs },
  }
}

/** `POST /v1/exports`. The answer comes before the file: `GET /v1/exports/:id` says when it is there. */
export async function createExport(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: ExportInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError, opaque: ['tags'] }
  const row = newJob(await readJson(c.req.raw, body), c, ports)
  const resource = { type: 'export', id: row.id }
  const { dataset, format, focusVersion, query } = row
  const after = { dataset, format, focusVersion, query }
  const audit = auditRow(row.tenantId, { action: 'export.create', resource, before: null, after }, ports)
  if (!(await insertExport(ports.db, { row, maxUnfinished: MAX_UNFINISHED }, audit))) {
    throw new GatewayError('exports_busy', `${MAX_UNFINISHED} exports of this tenant are not done yet.`)
  }
  await ports.exports.wake(row)
  return c.json(renderExport(row, c, ports), 201)
}
