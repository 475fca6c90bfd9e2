import type { ApiKeyInput } from '../../contracts/api-key-input.ts'
import type { Principal } from '../../core/access/principal.ts'
import { ranksAtLeast, scopesOfRole } from '../../core/access/role.ts'
import { expandGrants, type Scope, type ScopeGrant } from '../../core/access/scope.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { scopeMissing } from '../access/unauthorized.ts'
import { badParam } from '../http/query.ts'

/** What a new key may do: what is asked for, of what its role may. Throws `request_invalid`, and `scope_missing` for more than its maker may. */
export function chooseScopes(input: ApiKeyInput, maker: Principal): Scope[] {
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
