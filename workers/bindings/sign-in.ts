import { z } from 'zod'
import type { SignInPorts } from '../control/sign-in-ports.ts'
import { PLANS } from '../core/access/plan.ts'
import { expandGrants, SCOPE_GRANTS, type ScopeGrant } from '../core/access/scope.ts'
import { sealer } from '../core/key/seal.ts'
import { jsonFetcher } from '../core/net/fetch-json.ts'
import { addressFlaw } from '../core/net/public-address.ts'
import { accessTokens } from '../core/sign-in/access-token.ts'
import { PASSWORD_COST } from '../core/sign-in/password.ts'

const grant = z.enum(SCOPE_GRANTS as [ScopeGrant, ...ScopeGrant[]])

/** What a deployment sets of signing in, beside its secret. */
export const SignInSettings = z.looseObject({
  WEIR_SECRET: z.string(),
  WEIR_SECRET_PREVIOUS: z.string().min(32).optional(),
  /** What the deployment's own services present, and what they may do with it: `ledger:write events:read`. */
  WEIR_INTERNAL_TOKEN: z.string().min(32).optional(),
  WEIR_INTERNAL_SCOPES: z
    .string()
    .default('')
    .transform(text => text.split(/[\s,]+/).filter(word => word !== ''))
    .pipe(z.array(grant)),
  ALLOW_PRIVATE_UPSTREAMS: z.enum(['on', 'off']).default('off'),
  DEFAULT_PLAN: z.enum(PLANS),
})
type SignInSettings = z.infer<typeof SignInSettings>

function internalOf({ WEIR_INTERNAL_TOKEN: token, WEIR_INTERNAL_SCOPES: grants }: SignInSettings) {
  return token === undefined ? undefined : { token, scopes: expandGrants(grants) }
}

/** What signing in needs of the outside, but for the objects that count. */
export function signInPorts(settings: SignInSettings): Omit<SignInPorts, 'claimNonce' | 'takeLogin'> {
  const { WEIR_SECRET: secret, WEIR_SECRET_PREVIOUS: previous, DEFAULT_PLAN: defaultPlan } = settings
  const { seal, open, reseal } = sealer(secret, previous)
  const rule = { allowPrivate: settings.ALLOW_PRIVATE_UPSTREAMS === 'on' }
  return {
    ...{ passwordCost: PASSWORD_COST, accessTokens: accessTokens(secret, previous), seal, open, defaultPlan },
    reseal: previous === undefined ? undefined : reseal,
    internal: internalOf(settings),
    addressFlaw: address => addressFlaw(address, rule),
    fetchJson: jsonFetcher(globalThis.fetch.bind(globalThis), rule),
  }
}
