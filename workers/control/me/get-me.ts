import type { z } from 'zod'
import type { Principal } from '../../core/access/principal.ts'
import { findTenantById, type TenantRow } from '../../db/find-tenant.ts'
import { findUserInTenant, type UserRow } from '../../db/find-user.ts'
import { listMemberships } from '../../db/list-memberships.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { shownUserId } from '../auth/auth-shape.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import type { MeShape } from './me-shape.ts'

type Me = z.input<typeof MeShape>

async function userOf({ kind, tenantId, id }: Principal, ports: ControlPorts): Promise<UserRow | undefined> {
  return kind === 'user' ? (await findUserInTenant(ports.db, { tenantId, userId: id }))?.user : undefined
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
  const [tenant, user] = await Promise.all([findTenantById(ports.db, tenantId), userOf(principal, ports)])
  if (!tenant) throw new GatewayError('not_found', 'There is no such tenant.')
  const me: Me = {
    ...{ id: user ? shownUserId(id) : id, email: user?.email ?? null, name: user?.name ?? null },
    ...{ company: nameOf(tenant), plan: tenant.plan ?? ports.signIn.defaultPlan, tenant_id: tenantId },
    created_at: new Date(user?.createdMs ?? tenant.createdMs).toISOString(),
    principal: { kind, id, role },
    scopes: [...scopes],
    tenants: await tenantsOf(principal, tenant, ports),
  }
  return c.json(me)
}
