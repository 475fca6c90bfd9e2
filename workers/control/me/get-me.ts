import type { z } from 'zod'
import type { Principal } from '../../core/access/principal.ts'
import { findTenantById, type TenantRow } from '../../db/find-tenant.ts'
import { findUserInTenant, type UserInTenant } from '../../db/find-user.ts'
import { listMemberships } from '../../db/list-memberships.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { shownUserId } from '../auth/auth-shape.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import type { MeShape } from './me-shape.ts'

type Me = z.input<typeof MeShape>

type Account = Pick<Me, 'id' | 'email' | 'name'> & { createdMs: number }

// What a user is called, and since when, other tenants wrote: to a provider's word it is not told.
function accountOf({ familyId }: Principal, { user, member }: UserInTenant): Account {
  const isOwn = familyId !== undefined
  const createdMs = isOwn ? user.createdMs : (member?.createdMs ?? user.createdMs)
  return { id: shownUserId(user.id), email: user.email, name: isOwn ? user.name : null, createdMs }
}

async function findAccount(principal: Principal, tenant: TenantRow, ports: ControlPorts): Promise<Account> {
  const { kind, tenantId, id } = principal
  const found = kind === 'user' ? await findUserInTenant(ports.db, { tenantId, userId: id }) : undefined
  return found ? accountOf(principal, found) : { id, email: null, name: null, createdMs: tenant.createdMs }
}

const nameOf = ({ displayName, name }: TenantRow) => displayName ?? name

// Only a sign-in proves a user in all tenants: a provider's token is one tenant's word.
async function tenantsOf(principal: Principal, tenant: TenantRow, ports: ControlPorts): Promise<Me['tenants']> {
  if (principal.familyId === undefined) return [{ id: tenant.id, name: nameOf(tenant), role: principal.role }]
  const memberships = await listMemberships(ports.db, principal.id)
  return memberships.map(one => ({ id: one.tenantId, name: one.name, role: one.role }))
}

/** `GET /v1/me`: who the caller is, for which tenant, and what it may do. Anyone with a good credential may ask. */
export async function getMe(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const principal = c.get('principal')
  const { tenantId, kind, id, role, scopes } = principal
  const tenant = await findTenantById(ports.db, tenantId)
  if (!tenant) throw new GatewayError('not_found', 'There is no such tenant.')
  const { createdMs, ...account } = await findAccount(principal, tenant, ports)
  const me: Me = {
    ...account,
    ...{ company: nameOf(tenant), plan: tenant.plan ?? ports.signIn.defaultPlan, tenant_id: tenantId },
    created_at: new Date(createdMs).toISOString(),
    principal: { kind, id, role },
    scopes: [...scopes],
    tenants: await tenantsOf(principal, tenant, ports),
  }
  return c.json(me)
}
