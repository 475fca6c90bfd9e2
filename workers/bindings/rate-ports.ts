import { createHmac } from 'node:crypto'
import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import type { ControlPorts } from '../control/ports.ts'
import { addressGroup } from '../core/rate/address-group.ts'
import type { RateCounter } from '../core/rate/take.ts'
import { deployment } from './deployment.ts'

/** How many wrong credentials a client may send in a minute. */
const FAILURES_PER_MINUTE = 20
/** How often a virtual key may ask how it stands in a minute. */
const KEY_REQUESTS_PER_MINUTE = 60

/** The object that counts requests under a name. */
export function connectRate(env: Env, name: string): RateCounter {
  return inJurisdiction(env.RATE, deployment(env).settings).getByName(name)
}

/** What an object is named by for a client's address, which is personal data: a keyed hash of it. */
export function addressHash(env: Env, address: string): string {
  const { WEIR_SECRET: secret } = deployment(env).settings
  return createHmac('sha256', secret)
    .update(`weir client address: ${addressGroup(address)}`)
    .digest('base64url')
}

function failuresOf(env: Env, address: string): RateCounter {
  return connectRate(env, `client:${addressHash(env, address)}`)
}

/** The ports that count requests of the management API. */
export function ratePorts(
  env: Env,
): Pick<ControlPorts, 'takeRequest' | 'takeKeyRequest' | 'noteFailure' | 'readFailures'> {
  const max = FAILURES_PER_MINUTE
  return {
    takeRequest: tenantId => connectRate(env, `tenant:${tenantId}`).take({ nowMs: Date.now() }),
    takeKeyRequest: ({ tenantId, keyId }) =>
      connectRate(env, `key:${tenantId}/${keyId}`).take({ nowMs: Date.now(), max: KEY_REQUESTS_PER_MINUTE }),
    noteFailure: address => failuresOf(env, address).take({ nowMs: Date.now(), max }),
    readFailures: address => failuresOf(env, address).read({ nowMs: Date.now(), max }),
  }
}
