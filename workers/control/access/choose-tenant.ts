import type { Principal } from '../../core/access/principal.ts'
import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { findTenantById } from '../../db/find-tenant.ts'
import { findUserInTenant } from '../../db/find-user.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { activeTenantOf } from './active-tenant.ts'
import { tenantForbidden } from './unauthorized.ts'

// A provider vouches for its users in its own tenant: only who showed a password to Weir has proved who they are in all.
function provesUser({ kind, familyId }: Principal): boolean {
  return kind === 'user' && familyId !== undefined
}

/**
 * The caller in the tenant that `X-Active-Tenant-Id` names, with the role it has there; without the header, as it is. Throws
 * `tenant_forbidden`, in the same words for a tenant that there is not.
 */
export async function chooseTenant(principal: Principal, request: Request, ports: ControlPorts): Promise<Principal> {
  const wanted = activeTenantOf(request)
  if (wanted === undefined || wanted === principal.tenantId) return principal
  if (!provesUser(principal)) throw tenantForbidden()
  const tenantId = asTenantId(wanted)
  const found = await findUserInTenant(ports.db, { tenantId, userId: principal.id })
  if (found?.member?.status !== 'active') throw tenantForbidden()
  const { role } = found.member
  return { ...principal, tenantId, role, scopes: scopesOfRole(role) }
}

/** Refuses everyone of a tenant that the operator has suspended. Throws `tenant_suspended`. */
export async function checkNotSuspended({ tenantId }: Principal, ports: ControlPorts): Promise<void> {
  const row = await findTenantById(ports.db, tenantId)
  if (row && row.suspendedMs === null) return
  throw new GatewayError(
    'tenant_suspended',
    'This tenant is suspended. Its data is kept; ask whoever runs this server.',
  )
}
