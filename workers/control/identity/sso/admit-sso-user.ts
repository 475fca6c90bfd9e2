import type { JWTPayload } from 'jose'
import type { Principal } from '../../../core/access/principal.ts'
import { type Role, scopesOfRole } from '../../../core/access/role.ts'
import { normalEmail } from '../../../core/sign-in/email.ts'
import { roleByClaims } from '../../../core/sign-in/role-by-claims.ts'
import type { ProviderRow } from '../../../db/find-providers.ts'
import { findEmailInTenant, type UserInTenant } from '../../../db/find-user.ts'
import { insertMember } from '../../../db/insert-member.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlPorts } from '../../ports.ts'

/** A checked token of a provider's, and the request that it came with. */
export type VouchedFor = { claims: JWTPayload; provider: ProviderRow; requestId: string; nowMs: number }

function emailOf({ claims, provider }: VouchedFor): string | undefined {
  const text = claims[provider.emailClaim]
  // A provider may hold an address that nobody has proved to be its user's.
  if (typeof text !== 'string' || claims.email_verified === false) return undefined
  return normalEmail(text)
}

type Joining = { email: string; role: Role; found: UserInTenant | undefined }

async function join({ email, role, found }: Joining, vouched: VouchedFor, ports: ControlPorts): Promise<void> {
  const { claims, provider, requestId, nowMs } = vouched
  const times = { createdMs: nowMs, updatedMs: nowMs }
  const name = typeof claims.name === 'string' && claims.name.trim() !== '' ? claims.name.trim().slice(0, 255) : email
  const newUser = found ? undefined : { id: ports.newId(), email, name, passwordHash: null, disabledMs: null, ...times }
  const userId = found?.user.id ?? newUser?.id ?? ''
  const ids = { tenantId: provider.tenantId, id: ports.newId(), userId }
  const member = { ...ids, role, status: 'active', ...times, version: 1, name } as const
  const actor = { kind: 'sso_provider', id: provider.id, requestId } as const
  const resource = { type: 'member', id: member.id }
  // Not whether the user is new: that would say who has an account in another tenant.
  const change = { action: 'member.create', resource, before: null, after: { ...member, email } } as const
  await insertMember(
    ports.db,
    { member, newUser },
    auditRow(member.tenantId, change, { ...ports, actor, ifMatch: undefined }),
  )
}

async function findOrJoin(email: string, role: Role | undefined, vouched: Vouched): Promise<UserInTenant | undefined> {
  const { provider, ports } = vouched
  const path = { tenantId: provider.tenantId, email }
  const found = await findEmailInTenant(ports.db, path)
  if (found?.member || !provider.makesMembers || !role || (found && found.user.disabledMs !== null)) return found
  await join({ email, role, found }, vouched, ports)
  // Read again: of two first requests at once, one has made the member.
  return findEmailInTenant(ports.db, path)
}

type Vouched = VouchedFor & { ports: ControlPorts }

/**
 * Who a provider vouches for, in the provider's tenant and in no other: whom a tenant believes is that tenant's alone. Where the
 * provider makes members, a new one is made, in the name of the provider. `undefined`: this one is not let in.
 */
export async function admitSsoUser(vouched: VouchedFor, ports: ControlPorts): Promise<Principal | undefined> {
  const { claims, provider } = vouched
  const email = emailOf(vouched)
  const given = roleByClaims(claims, provider)
  const found = email === undefined ? undefined : await findOrJoin(email, given, { ...vouched, ports })
  if (found?.member?.status !== 'active' || found.user.disabledMs !== null) return undefined
  const role = provider.roleClaim === null ? found.member.role : given
  if (!role) return undefined
  return { tenantId: provider.tenantId, kind: 'user', id: found.user.id, role, scopes: scopesOfRole(role) }
}
