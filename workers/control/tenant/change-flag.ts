import { z } from 'zod'
import { FlagInput, FlagName } from '../../contracts/tenant-page-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { deleteFlag as deleteRow, type FlagRow, findFlag, listFlags, saveFlag } from '../../db/feature-flags.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { renderFlag } from './flag-shape.ts'
import { flagNotFound } from './read-flags.ts'

const MAX_FLAGS = 200

type FlagPath = { tenantId: TenantId; name: string }

function nameOf(c: ControlContext): FlagPath {
  const name = FlagName.safeParse(c.req.param('name'))
  if (!name.success) throw badParam('name', 'a to z, digits, `_`, `.` and `-`, up to 63, a letter first')
  return { tenantId: c.get('principal').tenantId, name: name.data }
}

async function checkRoom({ tenantId }: FlagPath, ports: ActingPorts): Promise<void> {
  const flags = await listFlags(ports.db, tenantId)
  if (flags.length >= MAX_FLAGS) throw badParam('name', `one of the ${MAX_FLAGS} flags that there can be`)
}

function rowOf(
  path: FlagPath,
  input: FlagInput,
  { before, nowMs }: { before: FlagRow | undefined; nowMs: number },
): FlagRow {
  const { enabled: isEnabled, percentage, roles, description } = input
  const createdMs = before?.createdMs ?? nowMs
  const times = { createdMs, updatedMs: Math.max(nowMs, createdMs), version: (before?.version ?? 0) + 1 }
  return { ...path, description, isEnabled, percentage, roles: roles ? [...new Set(roles)] : null, ...times }
}

/** `PUT /v1/tenant/feature-flags/:name`: makes the flag, or takes its place. */
export async function putFlag(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = nameOf(c)
  const body = { schema: FlagInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const saved = await retryWhileStale(async () => {
    const before = await findFlag(ports.db, path)
    if (!before) await checkRoom(path, ports)
    checkIfMatch(before?.version ?? 0, ports)
    const row = rowOf(path, input, { before, nowMs: ports.nowMs() })
    const resource = { type: 'feature_flag', id: row.name }
    const action = before ? 'feature_flag.update' : 'feature_flag.create'
    const audit = auditRow(row.tenantId, { action, resource, before: before ?? null, after: row }, ports)
    return (await saveFlag(ports.db, row, audit)) ? row : undefined
  })
  return c.json({ data: renderFlag(saved) }, 200, { etag: etagOf(saved.version) })
}

/** `DELETE /v1/tenant/feature-flags/:name`. */
export async function deleteFlag(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, name: c.req.param('name') ?? '' }
  await retryWhileStale(async () => {
    const row = await findFlag(ports.db, path)
    if (!row) throw flagNotFound()
    checkIfMatch(row.version, ports)
    const resource = { type: 'feature_flag', id: row.name }
    const audit = auditRow(row.tenantId, { action: 'feature_flag.delete', resource, before: row, after: null }, ports)
    return (await deleteRow(ports.db, row, audit)) || undefined
  })
  return c.json({ deleted: true })
}
