import type { Principal } from '../../core/access/principal.ts'
import { asTenantId, type TenantId } from '../../core/access/tenant-id.ts'
import { findTenantById } from '../../db/find-tenant.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isSameText } from '../http/is-same-text.ts'
import type { ControlPorts } from '../ports.ts'
import { activeTenantOf } from './active-tenant.ts'
import { tenantForbidden } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, refused, type Verdict } from './verifier.ts'

async function tenantOf(request: Request, ports: ControlPorts): Promise<TenantId | undefined> {
  const wanted = activeTenantOf(request)
  return wanted === undefined ? undefined : (await findTenantById(ports.db, asTenantId(wanted)))?.id
}

/**
 * Recognises `WEIR_INTERNAL_TOKEN`, which the deployment's own services present. It is no tenant's, so that each call says in
 * `X-Active-Tenant-Id` whose it is, and in `x-request-id` what to find it by; it may do what `WEIR_INTERNAL_SCOPES` says.
 */
export async function verifyInternalToken({ secret, request }: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const { internal } = ports.signIn
  if (secret === undefined || !internal || !(await isSameText(secret, internal.token))) return NOT_MINE
  if (!request.headers.get('x-request-id')) {
    const detail = 'x-request-id: a call of a service must have one, so that it can be found again.'
    return refused(new GatewayError('header_invalid', detail, { param: 'x-request-id' }))
  }
  const tenantId = await tenantOf(request, ports)
  if (!tenantId) return refused(tenantForbidden())
  const who = { tenantId, kind: 'service', id: 'internal', role: 'admin' } as const
  const principal: Principal = { ...who, scopes: internal.scopes }
  return { kind: 'principal', principal }
}
