import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import type { SignInPorts } from '../control/sign-in-ports.ts'
import type { RateCounter } from '../core/rate/take.ts'
import { nonceName } from '../core/sign-in/nonce-claim.ts'
import { deployment } from './deployment.ts'
import { addressHash, connectRate } from './rate-ports.ts'

/** How often a client may try to sign in in a minute: each try costs a third of a second of CPU. */
const LOGINS_PER_MINUTE = 30

function loginsOf(env: Env, address: string): RateCounter {
  return connectRate(env, `login:${addressHash(env, address)}`)
}

/** The ports of signing in that are objects. */
export function signInObjects(env: Env): Pick<SignInPorts, 'claimNonce' | 'takeLogin'> {
  const nonces = () => inJurisdiction(env.NONCE, deployment(env).settings)
  return {
    claimNonce: (agent, claim) => nonces().getByName(nonceName(agent)).claim(claim),
    takeLogin: address => loginsOf(env, address).take({ nowMs: Date.now(), max: LOGINS_PER_MINUTE }),
  }
}
