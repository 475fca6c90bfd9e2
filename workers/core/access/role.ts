import { expandGrants, SCOPES, type Scope, type ScopeGrant } from './scope.ts'

/** What somebody is in a tenant, the mightiest first. */
export const ROLES = ['owner', 'admin', 'finance', 'developer', 'auditor', 'agent'] as const

/** One of `ROLES`. */
export type Role = (typeof ROLES)[number]

const READS = SCOPES.filter(scope => scope.endsWith(':read'))
const SPENDING = [
  'tenant:read',
  'keys:read',
  'teams:read',
  'customers:read',
  'events:read',
  'analytics:read',
  'alerts:read',
] as const

const GRANTS: Record<Exclude<Role, 'owner' | 'admin' | 'auditor'>, readonly ScopeGrant[]> = {
  finance: [...SPENDING, 'limits:*', 'prices:*', 'providers:read', 'alerts:*', 'exports:*', 'ledger:*', 'health:read'],
  developer: [
    ...SPENDING,
    'keys:*',
    'events:write',
    'limits:read',
    'prices:read',
    'providers:read',
    'policies:read',
    'webhooks:*',
    'health:read',
  ],
  agent: ['limits:read', 'events:read', 'analytics:read', 'alerts:read'],
}

const BY_ROLE: Record<Role, readonly Scope[]> = {
  // What an owner may do beyond an admin is said by the routes that name roles: to make and unmake owners, and the plan.
  owner: SCOPES,
  admin: SCOPES,
  finance: expandGrants(GRANTS.finance),
  developer: expandGrants(GRANTS.developer),
  auditor: READS,
  agent: expandGrants(GRANTS.agent),
}

/** All that a role may do. */
export function scopesOfRole(role: Role): readonly Scope[] {
  return BY_ROLE[role]
}

/** Whether a role is not below another one in `ROLES`. Roles that decide by rank, such as owner, cannot be reached from below. */
export function ranksAtLeast(by: Role, other: Role): boolean {
  return ROLES.indexOf(by) <= ROLES.indexOf(other)
}

/** Whether a role may make somebody another one: it ranks no lower, and lacks none of the other's scopes. */
export function canAppoint(by: Role, other: Role): boolean {
  return ranksAtLeast(by, other) && BY_ROLE[other].every(scope => BY_ROLE[by].includes(scope))
}
