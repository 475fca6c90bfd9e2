import { ROLES, type Role } from '../access/role.ts'

/** How a provider says what its users are: a claim, and the role of each of its values. */
export type RoleRule = {
  roleClaim: string | null
  roleMapping: Record<string, Role>
  defaultRole: Role | null
}

function valuesOf(claim: unknown): string[] {
  return [claim].flat().filter(value => typeof value === 'string')
}

/**
 * The role that a provider gives to whom it vouches for: where it has a role claim, that claim alone decides, so that who loses a
 * group there loses its role here. `undefined` where it gives none.
 */
export function roleByClaims(claims: Record<string, unknown>, rule: RoleRule): Role | undefined {
  const values = rule.roleClaim === null ? [] : valuesOf(claims[rule.roleClaim])
  const given = values.flatMap(value => (Object.hasOwn(rule.roleMapping, value) ? [rule.roleMapping[value]] : []))
  return ROLES.find(role => given.includes(role)) ?? rule.defaultRole ?? undefined
}
