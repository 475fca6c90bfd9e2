const READ_AND_WRITE = [
  'keys',
  'teams',
  'customers',
  'limits',
  'prices',
  'providers',
  'alerts',
  'events',
  'api_keys',
  'tenant',
  'members',
  'identity',
  'webhooks',
  'exports',
  'policies',
  'ledger',
] as const
const READ_ONLY = ['analytics', 'health', 'audit'] as const

/** What a scope is of. A new family is one more word in the table above; `role.ts` says who has it. */
export type ScopeFamily = (typeof READ_AND_WRITE)[number] | (typeof READ_ONLY)[number]

/** A right to do one thing: `keys:read`. */
export type Scope = `${(typeof READ_AND_WRITE)[number]}:${'read' | 'write'}` | `${(typeof READ_ONLY)[number]}:read`

/** A right as it is asked for: a scope, or all scopes of a family. */
export type ScopeGrant = Scope | `${ScopeFamily}:*`

/** Every scope that there is. */
export const SCOPES: readonly Scope[] = [
  ...READ_AND_WRITE.flatMap(family => [`${family}:read`, `${family}:write`] as const),
  ...READ_ONLY.map(family => `${family}:read` as const),
]

/** Every text that `expandGrants` takes. */
export const SCOPE_GRANTS: readonly ScopeGrant[] = [
  ...SCOPES,
  ...[...READ_AND_WRITE, ...READ_ONLY].map(family => `${family}:*` as const),
]

/** The scopes that grants stand for, each once, in the order of `SCOPES`. */
export function expandGrants(grants: readonly ScopeGrant[]): Scope[] {
  return SCOPES.filter(scope => grants.some(grant => grant === scope || grant === `${scope.split(':')[0]}:*`))
}
