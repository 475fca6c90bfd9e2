import type { OwnerInput } from '../../contracts/member-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { normalEmail } from '../../core/sign-in/email.ts'
import { hashPassword } from '../../core/sign-in/password.ts'
import type { NewOwner } from '../../db/save-admin-key.ts'
import type { ActingPorts } from '../ports.ts'

/** A new account, and what it is in its first tenant. Hashes a password: a third of a second of CPU. */
export function newOwner(tenantId: TenantId, input: OwnerInput, ports: ActingPorts): NewOwner {
  const { email: given, name, password } = input
  const email = normalEmail(given) ?? given
  const times = { createdMs: ports.nowMs(), updatedMs: ports.nowMs() }
  const passwordHash = hashPassword(password, ports.signIn.passwordCost)
  const user = { id: ports.newId(), email, name: name ?? email, passwordHash, disabledMs: null, ...times }
  const names = { tenantId, id: ports.newId(), userId: user.id }
  return { user, member: { ...names, role: 'owner', status: 'active', ...times, version: 1, name: user.name } }
}
