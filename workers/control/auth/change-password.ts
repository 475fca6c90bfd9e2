import { z } from 'zod'
import { PasswordInput } from '../../contracts/auth-input.ts'
import type { Principal } from '../../core/access/principal.ts'
import { hashPassword, isPasswordOf } from '../../core/sign-in/password.ts'
import { findUserInTenant, type UserRow } from '../../db/find-user.ts'
import { savePassword } from '../../db/save-session.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { guarded } from '../access/guard-attempts.ts'
import { signInRefused } from '../access/unauthorized.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { takeLogin } from './take-login.ts'

// Of a provider's token a tenant is the judge, and a password opens all tenants: only who signed in with it changes it.
function sessionOf({ familyId }: Principal): string {
  if (familyId !== undefined) return familyId
  throw new GatewayError('scope_missing', 'Only a user who signed in with a password can change it.')
}

async function checkCurrent(principal: Principal, password: string, ports: ActingPorts): Promise<UserRow> {
  const found = await findUserInTenant(ports.db, { tenantId: principal.tenantId, userId: principal.id })
  if (!isPasswordOf(found?.user.passwordHash, password, ports.signIn.passwordCost) || !found) throw signInRefused()
  return found.user
}

/** `POST /v1/auth/password`: another password for the caller, which ends all of the caller's other sign-ins. */
export async function changePassword(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const principal = c.get('principal')
  const familyId = sessionOf(principal)
  const body = { schema: PasswordInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  await takeLogin(c.req.raw, ports)
  const before = await guarded(c.req.raw, ports, () => checkCurrent(principal, input.current_password, ports))
  const passwordHash = hashPassword(input.new_password, ports.signIn.passwordCost)
  const after = { ...before, passwordHash, updatedMs: ports.nowMs() }
  const change = { action: 'user.change_password', resource: { type: 'user', id: before.id }, before, after } as const
  const audit = auditRow(principal.tenantId, change, ports)
  if (!(await savePassword(ports.db, { before, after, familyId }, audit))) throw signInRefused()
  return c.json({ data: { changed: true } })
}
