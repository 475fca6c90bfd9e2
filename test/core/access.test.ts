import fc from 'fast-check'
import { describe, it } from 'vitest'
import { canAppoint, ROLES, type Role, scopesOfRole } from '../../workers/core/access/role.ts'
import { expandGrants, SCOPE_GRANTS, SCOPES } from '../../workers/core/access/scope.ts'

const role = fc.constantFrom(...ROLES)
const grants = fc.subarray([...SCOPE_GRANTS])

describe('roles', () => {
  it.for([
    ['auditor', SCOPES.filter(scope => scope.endsWith(':read'))],
    ['agent', ['limits:read', 'alerts:read', 'events:read', 'analytics:read']],
  ] as [Role, string[]][])('lets %s do exactly this', ([name, scopes], { expect }) => {
    expect([...scopesOfRole(name)].sort()).toEqual([...scopes].sort())
  })

  it('lets an owner do everything, and nobody but an owner and an admin write to members, identity or API keys', ({
    expect,
  }) => {
    expect(scopesOfRole('owner')).toEqual(SCOPES)
    for (const name of ['finance', 'developer', 'auditor', 'agent'] as const) {
      const kept = scopesOfRole(name).filter(scope => /^(members|identity|api_keys|tenant):write$/.test(scope))
      expect(kept).toEqual([])
    }
  })

  it('keeps money from developers and keys from finance', ({ expect }) => {
    expect(scopesOfRole('developer')).not.toContain('limits:write')
    expect(scopesOfRole('finance')).not.toContain('keys:write')
  })

  it('never lets anyone appoint one who may do more', ({ expect }) => {
    fc.assert(
      fc.property(role, role, (by, other) => {
        if (canAppoint(by, other)) expect(scopesOfRole(by)).toEqual(expect.arrayContaining([...scopesOfRole(other)]))
        if (other === 'owner') expect(canAppoint(by, other)).toBe(by === 'owner')
      }),
    )
  })
})

describe('grants', () => {
  it('stand for scopes that there are, each once, whatever their order', ({ expect }) => {
    fc.assert(
      fc.property(grants, list => {
        const scopes = expandGrants(list)
        expect(new Set(scopes).size).toBe(scopes.length)
        expect(scopes.every(scope => SCOPES.includes(scope))).toBe(true)
        expect(expandGrants(list.toReversed())).toEqual(scopes)
        expect(expandGrants(scopes)).toEqual(scopes)
      }),
    )
  })

  it('of a family are all of its scopes and no other', ({ expect }) => {
    expect(expandGrants(['keys:*'])).toEqual(['keys:read', 'keys:write'])
    expect(expandGrants(['health:*', 'limits:read'])).toEqual(['limits:read', 'health:read'])
  })
})

describe('a tenant id', () => {
  it('is made only where a caller is recognised, a tenant is made, and a message or a snapshot is read', ({
    expect,
  }) => {
    const sources = import.meta.glob<string>('../../workers/**/*.ts', { query: '?raw', import: 'default', eager: true })
    const makers = Object.entries(sources).filter(([, text]) => /asTenantId\(/.test(text))
    expect(makers.map(([path]) => path.replace('../../workers/', '')).sort()).toEqual([
      'accounting/exports/consume-exports.ts',
      'accounting/record-alerts.ts',
      'accounting/record-message.ts',
      'accounting/record-statements.ts',
      'control/access/presented-virtual-key.ts',
      'control/access/verify-access-token.ts',
      'control/access/verify-admin-key.ts',
      'control/access/verify-agent-signature.ts',
      'control/access/verify-api-key.ts',
      'control/access/verify-internal-token.ts',
      'control/access/verify-open.ts',
      'control/access/verify-service-token.ts',
      'control/admin/change-tenants.ts',
      'control/admin/create-tenant.ts',
      'control/admin/move-tenant.ts',
      'control/admin/recompute-rollups.ts',
      'control/auth/read-refresh-token.ts',
      'control/exports/download-export.ts',
      'control/setup/set-up.ts',
      'control/tenant/accept-invitation.ts',
      'core/access/tenant-id.ts',
      'core/webhooks/webhook-ref.ts',
      'db/mark-pushed.ts',
    ])
  })
})
