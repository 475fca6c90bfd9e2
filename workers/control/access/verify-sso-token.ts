import { createLocalJWKSet } from 'jose'
import { type CheckedJwt, checkJwt } from '../../core/sign-in/check-jwt.ts'
import { isFromTheFuture, SKEW_SECONDS } from '../../core/sign-in/clock.ts'
import { audiencesOf, peekJwt, type UncheckedJwt } from '../../core/sign-in/peek-jwt.ts'
import { findProvidersOf, type ProviderRow } from '../../db/find-providers.ts'
import { admitSsoUser } from '../identity/sso/admit-sso-user.ts'
import { keySetFor } from '../identity/sso/key-set-for.ts'
import type { ControlPorts } from '../ports.ts'
import { activeTenantOf } from './active-tenant.ts'
import { credentialInvalid, tokenExpired } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, refused, type Verdict } from './verifier.ts'

/** Longer than any provider names a key. */
const MAX_KID = 200

// Several that fit, and none to choose by: refused, since anyone may have the issuer of another tenant as a provider.
async function chooseProvider(token: UncheckedJwt, request: Request, ports: ControlPorts) {
  const [issuer, audiences] = [token.issuer, audiencesOf(token.claims)]
  if (issuer === '' || audiences.length === 0) return undefined
  const found = await findProvidersOf(ports.db, { issuer, audiences })
  const wanted = activeTenantOf(request)
  const candidates = wanted === undefined ? found : found.filter(({ tenantId }) => tenantId === wanted)
  return candidates.length === 1 ? candidates[0] : undefined
}

const BAD = { kind: 'bad' } as const
const unknown = () => refused(credentialInvalid('No identity provider of this server vouches for this token.'))

type Check = { token: UncheckedJwt; provider: ProviderRow; facts: RequestFacts }

/**
 * What a token says, once it is shown to be the provider's. Only keys that the provider publishes count: `jwk`, `jku` and `x5u` of
 * a header are not looked at (RFC 8725, sections 3.1 and 3.10).
 */
async function check({ token, provider, facts }: Check, ports: ControlPorts): Promise<CheckedJwt> {
  const { kid = '' } = token
  const { secret = '', nowMs } = facts
  const { algorithms, issuer, audience } = provider
  if (!algorithms.some(algorithm => algorithm === token.alg) || kid === '' || kid.length > MAX_KID) return BAD
  const keys = createLocalJWKSet(await keySetFor(provider, { kid, nowMs, ports }))
  const expected = { algorithms, issuer, audience, requiredClaims: ['exp'] }
  const rules = { ...expected, clockTolerance: SKEW_SECONDS, currentDate: new Date(nowMs) }
  const checked = await checkJwt(secret, keys, rules)
  return checked.kind === 'good' && isFromTheFuture(checked.claims.iat, nowMs) ? BAD : checked
}

/** Recognises JWTs of the providers that tenants have at `/v1/identity/sso`. The provider says which tenant it is. */
export async function verifySsoToken(facts: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const { secret = '', request, requestId, nowMs } = facts
  const token = peekJwt(secret)
  if (!token) return NOT_MINE
  const provider = await chooseProvider(token, request, ports)
  if (!provider) return unknown()
  const checked = await check({ token, provider, facts }, ports)
  if (checked.kind === 'expired') return refused(tokenExpired())
  if (checked.kind === 'bad') return unknown()
  const principal = await admitSsoUser({ claims: checked.claims, provider, requestId, nowMs }, ports)
  return principal ? { kind: 'principal', principal } : unknown()
}
