import type { Plan } from '../core/access/plan.ts'
import type { Scope } from '../core/access/scope.ts'
import type { Sealer } from '../core/key/seal.ts'
import type { AddressFlaw } from '../core/net/public-address.ts'
import type { RateStanding } from '../core/rate/take.ts'
import type { AccessTokens } from '../core/sign-in/access-token.ts'
import type { NonceClaim } from '../core/sign-in/nonce-claim.ts'
import type { PasswordCost } from '../core/sign-in/password.ts'

/** All that signing in needs of the outside. */
export type SignInPorts = {
  /** What the hash of a password costs. */
  passwordCost: PasswordCost
  accessTokens: AccessTokens
  seal: Sealer['seal']
  open: Sealer['open']
  /** Seals what the previous secret sealed under the current one; only there while there is a previous one. */
  reseal?: Sealer['reseal'] | undefined
  /** What lets the deployment's own services in, and what they may do; `undefined` closes that door. */
  internal: { token: string; scopes: readonly Scope[] } | undefined
  /** What is wrong with an address that is to be called; `undefined` for nothing. */
  addressFlaw(address: string): AddressFlaw | undefined
  /** The JSON at an address. Throws where there is none, it is too long or late, leads elsewhere, or must not be called. */
  fetchJson(address: string): Promise<unknown>
  /** Whether a nonce of an agent's credential is new. */
  claimNonce(agent: { tenantId: string; id: string }, claim: NonceClaim): Promise<boolean>
  /** Counts an attempt of a client's to sign in, right or wrong, by its address. */
  takeLogin(address: string): Promise<RateStanding>
  /** The plan of tenants that have none of their own. */
  defaultPlan: Plan
}
