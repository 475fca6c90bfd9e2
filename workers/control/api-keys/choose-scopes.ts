import type { Principal } from '../../core/access/principal.ts'
import { type Role, ranksAtLeast, scopesOfRole } from '../../core/access/role.ts'
import { expandGrants, type Scope, type ScopeGrant } from '../../core/access/scope.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { scopeMissing } from '../access/unauthorized.ts'
import { badParam } from '../http/query.ts'

/** What a credential is made for. */
type Asked = { role: Role; scopes?: string[] | null | undefined }

/** What a new key, or a credential of another kind, may do: what is asked for, of what its role may. Throws `request_invalid`, and `scope_missing` for more than its maker may. */
export function chooseScopes(input: Asked, maker: Principal): Scope[] {
  const { role, scopes } = input
  const ofRole = scopesOfRole(role)
  const asked = scopes ? expandGrants(scopes as ScopeGrant[]) : [...ofRole]
  const foreign = asked.find(scope => !ofRole.includes(scope))
  if (foreign) throw badParam('scopes', `scopes that the role ${role} has, which ${foreign} is not`)
  if (!ranksAtLeast(maker.role, role)) {
    throw new GatewayError('scope_missing', `A key of the role ${role} can only be made by one of that role or above.`)
  }
  const missing = asked.find(scope => !maker.scopes.includes(scope))
  if (missing) throw scopeMissing({ scope: missing })
  return asked
}
