import { z } from 'zod'
import { ConfigObjectsInput } from '../../contracts/config-objects-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { ConfigObjectRow } from '../../db/config-objects.ts'
import { findMarks, findMissing, type Marked, saveMarks } from '../../db/mark-objects.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { renderConfigObject } from './config-object-shape.ts'

// By another name than its hash, which the audit trail would take for that of a credential.
const told = (rows: ConfigObjectRow[]) =>
  rows.map(({ kind, objectId, configHash }) => ({ kind, objectId, declared: configHash }))

function rowsOf({ objects }: ConfigObjectsInput, tenantId: TenantId, appliedMs: number): ConfigObjectRow[] {
  return objects.flatMap(({ kind, id: objectId, config_hash: configHash }) =>
    configHash === null ? [] : [{ tenantId, kind, objectId, configHash, appliedMs }],
  )
}

async function checkLive(marked: Marked, ports: ControlPorts): Promise<void> {
  const missing = await findMissing(ports.db, marked)
  if (!missing) return
  const { kind, objectId } = missing
  const index = marked.objects.findIndex(one => one.kind === kind && one.objectId === objectId)
  const param = `objects[${index}].id`
  throw new GatewayError('request_invalid', `${param} must be that of a ${kind} of yours.`, { param })
}

/**
 * `PUT /v1/config/objects`: says of objects, which stay as they are, that a file declares them as this, or no longer (`null`).
 */
export async function markObjects(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: ConfigObjectsInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { tenantId } = c.get('principal')
  const rows = rowsOf(input, tenantId, ports.nowMs())
  const marked = { tenantId, objects: input.objects.map(({ kind, id: objectId }) => ({ kind, objectId })) }
  await checkLive(marked, ports)
  const before = await findMarks(ports.db, marked)
  const change = { before: told(before), after: told(rows) }
  const resource = { type: 'config', id: 'objects' }
  const audit = auditRow(tenantId, { action: 'config.update', resource, ...change }, ports)
  await saveMarks(ports.db, { marked, rows, audit })
  return c.json({ data: rows.map(renderConfigObject) })
}
