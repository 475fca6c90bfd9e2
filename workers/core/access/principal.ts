import type { Role } from './role.ts'
import type { Scope } from './scope.ts'
import type { TenantId } from './tenant-id.ts'

/** How somebody has proved who they are. */
export type PrincipalKind = 'user' | 'api_key' | 'service' | 'agent' | 'admin_key'

/** Who a request of the management API is by, and for which tenant. The only place where a tenant comes from. */
export type Principal = {
  tenantId: TenantId
  kind: PrincipalKind
  /** Of the user, the key or the agent; unique within its kind. */
  id: string
  role: Role
  /** What this one may do: never more than the role may, and less where a key was made for less. */
  scopes: readonly Scope[]
  /** Of a user who signed in with a password: the family of its tokens. It proves the user in all of its tenants. */
  familyId?: string
}

/** Whether the principal may do this, and is one of these roles where the route names some. */
export function mayDo(principal: Principal, needed: { scope: Scope; roles?: readonly Role[] }): boolean {
  return principal.scopes.includes(needed.scope) && (needed.roles?.includes(principal.role) ?? true)
}
