import type { Access } from '../../contracts/route-facts.ts'
import { mayDo } from '../../core/access/principal.ts'
import type { ControlContext } from '../http/env.ts'
import { presentedKey } from '../http/presented-key.ts'
import type { Actor, ControlPorts } from '../ports.ts'
import { checkActiveTenant } from './active-tenant.ts'
import { authenticate } from './authenticate.ts'
import { checkNotSuspended } from './check-not-suspended.ts'
import { checkSetupToken } from './check-setup-token.ts'
import { guarded } from './guard-attempts.ts'
import { takeRequest } from './take-request.ts'
import { scopeMissing } from './unauthorized.ts'

const ANYONE = { kind: 'anonymous', id: '' } as const
/** Those who are no principals. What a virtual key opens asks for it itself, and writes nothing. */
const STRANGERS = { setup_token: { kind: 'setup_token', id: 'setup' }, public: ANYONE, virtual_key: ANYONE } as const

/**
 * Lets a caller pass who may call a route, binds the request to the caller's tenant, and answers in whose name it acts.
 * Throws as `authenticate` and `checkSetupToken` do, `tenant_forbidden`, `attempts_limited`, `rate_limited`, `tenant_suspended`
 * and `scope_missing`.
 */
export async function admitCaller(access: Access, c: ControlContext, ports: ControlPorts): Promise<Actor> {
  const requestId = c.get('requestId')
  if (access === 'setup_token') await guarded(c.req.raw, ports, () => checkSetupToken(c.req.raw, ports))
  if (access === 'public' || access === 'setup_token' || access === 'virtual_key')
    return { ...STRANGERS[access], requestId }
  const request = c.req.raw
  const facts = { request, secret: presentedKey(request), nowMs: ports.nowMs(), requestId }
  const principal = await guarded(request, ports, () => authenticate(facts, ports))
  checkActiveTenant(principal, request)
  c.set('principal', principal)
  await takeRequest(principal.tenantId, c, ports)
  await checkNotSuspended(principal, ports)
  if (access !== 'signed_in' && !mayDo(principal, access)) throw scopeMissing(access)
  return { kind: principal.kind, id: principal.id, requestId }
}
