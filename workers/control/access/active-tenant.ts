import type { Principal } from '../../core/access/principal.ts'
import { tenantForbidden } from './unauthorized.ts'

const NAME = 'x-active-tenant-id'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The tenant that a request says it is for, where it says so. Throws `tenant_forbidden` for a text that is no id. */
export function activeTenantOf(request: Request): string | undefined {
  const text = request.headers.get(NAME)?.trim().toLowerCase()
  if (text === undefined || text === '') return undefined
  if (!UUID.test(text)) throw tenantForbidden()
  return text
}

/** Refuses a request that says it is for another tenant than its caller has proved to act for. Throws `tenant_forbidden`. */
export function checkActiveTenant({ tenantId }: Principal, request: Request): void {
  const wanted = activeTenantOf(request)
  if (wanted !== undefined && wanted !== tenantId) throw tenantForbidden()
}
