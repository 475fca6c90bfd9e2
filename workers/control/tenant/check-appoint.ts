import type { Principal } from '../../core/access/principal.ts'
import { type Role, ranksAtLeast, scopesOfRole } from '../../core/access/role.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { scopeMissing } from '../access/unauthorized.ts'

/**
 * Refuses to make, change or unmake one who is, or becomes, more than the caller is. A key that was made for less than its role
 * may appoint nobody who could do what it cannot. Throws `scope_missing`.
 */
export function checkAppoint({ role: by, scopes }: Principal, ...roles: Role[]): void {
  const above = roles.find(role => !ranksAtLeast(by, role))
  if (above)
    throw new GatewayError('scope_missing', `One of the role ${above} is made and unmade by that role or above.`)
  const missing = roles.flatMap(role => scopesOfRole(role)).find(scope => !scopes.includes(scope))
  if (missing) throw scopeMissing({ scope: missing })
}
