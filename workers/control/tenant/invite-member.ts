import { z } from 'zod'
import { MemberInput } from '../../contracts/member-input.ts'
import { normalEmail } from '../../core/sign-in/email.ts'
import { findEmailInTenant } from '../../db/find-user.ts'
import { insertInvitation } from '../../db/save-invitation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { checkAppoint } from './check-appoint.ts'
import { renderInvitation } from './member-shape.ts'
import { type Invited, newInvitation } from './new-invitation.ts'

// Whether the address has an account elsewhere is not asked, so that no answer can tell.
async function checkNew({ tenantId, email }: Invited, ports: ActingPorts): Promise<void> {
  const known = await findEmailInTenant(ports.db, { tenantId, email })
  if (known?.member)
    throw new GatewayError('already_exists', 'There is a member with this address.', { param: 'email' })
}

/** `POST /v1/tenant/members`: invites somebody. The answer is the only one that ever holds the token of the invitation. */
export async function inviteMember(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: MemberInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const { email, role } = await readJson(c.req.raw, body)
  const principal = c.get('principal')
  checkAppoint(principal, role)
  const invited = { tenantId: principal.tenantId, email: normalEmail(email) ?? email, role }
  await checkNew(invited, ports)
  const { row, text } = await newInvitation(invited, ports)
  const resource = { type: 'invitation', id: row.id }
  const change = { action: 'invitation.create', resource, before: null, after: row } as const
  await insertInvitation(ports.db, row, auditRow(row.tenantId, change, ports))
  return c.json({ data: { ...renderInvitation(row, ports.nowMs()), token: text } }, 201)
}
