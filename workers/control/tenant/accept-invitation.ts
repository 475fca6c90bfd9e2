import { z } from 'zod'
import { AcceptInput } from '../../contracts/member-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { hashPassword, isPasswordOf } from '../../core/sign-in/password.ts'
import { findInvitation, type InvitationRow } from '../../db/find-invitations.ts'
import { findTenantById } from '../../db/find-tenant.ts'
import { findEmailInTenant, type UserRow } from '../../db/find-user.ts'
import { acceptInvitation as saveAcceptance } from '../../db/save-invitation.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { guarded } from '../access/guard-attempts.ts'
import { credentialInvalid } from '../access/unauthorized.ts'
import { auditRow } from '../audit/audit-row.ts'
import { takeLogin } from '../auth/take-login.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { isSameText } from '../http/is-same-text.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { renderMember } from './member-shape.ts'

const unusable = () => credentialInvalid('This invitation is not valid: it was used, revoked, or has expired.')
const isMember = () => new GatewayError('already_exists', 'You are a member already: sign in.')

function isOpen(row: InvitationRow, nowMs: number): boolean {
  return row.acceptedMs === null && row.revokedMs === null && row.expiresMs > nowMs
}

async function requireInvitation(token: string, ports: ActingPorts): Promise<InvitationRow> {
  const ref = await ports.readKey('invitation', token)
  if (!ref) throw unusable()
  const tenantId = asTenantId(ref.tenantId)
  const row = await findInvitation(ports.db, { tenantId, id: ref.id })
  if (!row || !isOpen(row, ports.nowMs()) || !(await isSameText(row.tokenHash, ref.hash))) throw unusable()
  const tenant = await findTenantById(ports.db, tenantId)
  if (!tenant || tenant.suspendedMs !== null) throw unusable()
  return row
}

function newUser({ email }: InvitationRow, { name, password }: AcceptInput, ports: ActingPorts): UserRow {
  const nowMs = ports.nowMs()
  const passwordHash = hashPassword(password, ports.signIn.passwordCost)
  return { id: ports.newId(), email, name, passwordHash, disabledMs: null, createdMs: nowMs, updatedMs: nowMs }
}

// Who made an account under another's address, to lie in wait for an invitation, is not let in by it: nor can the invited,
// who does not know that password, be let in as somebody else.
function checkAccount(user: UserRow, { password }: AcceptInput, ports: ActingPorts): void {
  const isRight = isPasswordOf(user.passwordHash, password, ports.signIn.passwordCost)
  if (!isRight || user.disabledMs !== null) {
    throw credentialInvalid('There is an account with the address of this invitation, and this is not its password.')
  }
}

async function join(row: InvitationRow, input: AcceptInput, ports: ActingPorts) {
  const known = await findEmailInTenant(ports.db, row)
  if (known) checkAccount(known.user, input, ports)
  if (known?.member) throw isMember()
  const user = known?.user ?? newUser(row, input, ports)
  const nowMs = ports.nowMs()
  const times = { createdMs: nowMs, updatedMs: nowMs, version: 1, name: input.name }
  const names = { tenantId: row.tenantId, id: ports.newId(), userId: user.id, role: row.role }
  const member = { ...names, status: 'active', ...times } as const
  const resource = { type: 'member', id: member.id }
  const acting = { ...ports, actor: { ...ports.actor, kind: 'user', id: user.id } } as const
  const after = { ...member, email: row.email, invitationId: row.id }
  const audit = auditRow(row.tenantId, { action: 'member.create', resource, before: null, after }, acting)
  const made = { row, member, newUser: known ? undefined : user, nowMs }
  const result = await saveAcceptance(ports.db, made, audit)
  if (result === 'ended') throw unusable()
  if (result === 'member') throw isMember()
  const { email, disabledMs } = user
  return result === 'accepted' ? { ...member, email, disabledMs } : undefined
}

/**
 * `POST /v1/auth/invitations/accept`: makes the member, and the account where the address has none. Wrong tokens and passwords
 * count as wrong credentials of the address that sent them.
 */
export async function acceptInvitation(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: AcceptInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  await takeLogin(c.req.raw, ports)
  const member = await guarded(c.req.raw, ports, async () => {
    const row = await requireInvitation(input.token, ports)
    return retryWhileStale(() => join(row, input, ports))
  })
  return c.json({ data: { tenant_id: member.tenantId, ...renderMember(member) } }, 201)
}
