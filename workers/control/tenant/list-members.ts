import { listInvitations as listInvitationRows } from '../../db/find-invitations.ts'
import { listMembers as listRows } from '../../db/find-members.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { renderInvitation, renderMember } from './member-shape.ts'

/** `GET /v1/tenant/members`: a page of the members, the oldest first. */
export async function listMembers(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { members, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  return c.json(listBody(members.map(renderMember), total, page))
}

/** `GET /v1/tenant/invitations`: a page of those that were neither accepted nor revoked, the newest first. */
export async function listInvitations(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const path = { tenantId: c.get('principal').tenantId, ...page }
  const { invitations, total } = await listInvitationRows(ports.db, path)
  const nowMs = ports.nowMs()
  return c.json(
    listBody(
      invitations.map(row => renderInvitation(row, nowMs)),
      total,
      page,
    ),
  )
}
