import { z } from 'zod'
import { RoleInput } from '../../contracts/member-input.ts'
import { findMember, hasOtherOwner, type ListedMember, type MemberPath } from '../../db/find-members.ts'
import { removeMember as removeRow, saveMemberRole } from '../../db/save-member.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { storedId } from '../http/prefixed-id.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { checkAppoint } from './check-appoint.ts'
import { renderMember } from './member-shape.ts'

const pathOf = (c: ControlContext): MemberPath => {
  return { tenantId: c.get('principal').tenantId, id: storedId('mem', c.req.param('id')) }
}

async function requireMember(path: MemberPath, ports: ControlPorts): Promise<ListedMember> {
  const row = await findMember(ports.db, path)
  if (!row) throw new GatewayError('not_found', 'There is no such member.')
  return row
}

async function checkOwners(row: ListedMember, ports: ActingPorts): Promise<void> {
  if (row.role !== 'owner' || (await hasOtherOwner(ports.db, row))) return
  throw new GatewayError('last_owner', 'This is the last owner: make another member an owner first.')
}

// The role is checked of the row that is written on: it cannot become more than the caller is in between.
async function readToChange(c: ControlContext, ports: ActingPorts): Promise<ListedMember> {
  const row = await requireMember(pathOf(c), ports)
  checkIfMatch(row.version, ports)
  checkAppoint(c.get('principal'), row.role)
  return row
}

/** `GET /v1/tenant/members/:id`. */
export async function getMember(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await requireMember(pathOf(c), ports)
  return c.json({ data: renderMember(row) }, 200, { etag: etagOf(row.version) })
}

/** `PATCH /v1/tenant/members/:id/role`: in force with the member's next request, whatever token it shows. */
export async function changeRole(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: RoleInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { role } = await readJson(c.req.raw, body)
  checkAppoint(c.get('principal'), role)
  const changed = await retryWhileStale(async () => {
    const row = await readToChange(c, ports)
    if (role !== 'owner') await checkOwners(row, ports)
    const nowMs = Math.max(ports.nowMs(), row.createdMs)
    const after = { ...row, role, updatedMs: nowMs, version: row.version + 1 }
    const resource = { type: 'member', id: row.id }
    const audit = auditRow(row.tenantId, { action: 'member.update', resource, before: row, after }, ports)
    return (await saveMemberRole(ports.db, { row, role, nowMs }, audit)) ? after : undefined
  })
  return c.json({ data: renderMember(changed) }, 200, { etag: etagOf(changed.version) })
}

/** `DELETE /v1/tenant/members/:id`: its tokens are refused by the next request. Its account, and the keys it made, stay. */
export async function removeMember(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await retryWhileStale(async () => {
    const row = await readToChange(c, ports)
    await checkOwners(row, ports)
    const resource = { type: 'member', id: row.id }
    const audit = auditRow(row.tenantId, { action: 'member.delete', resource, before: row, after: null }, ports)
    return (await removeRow(ports.db, { row, nowMs: ports.nowMs() }, audit)) || undefined
  })
  return c.json({ deleted: true })
}
