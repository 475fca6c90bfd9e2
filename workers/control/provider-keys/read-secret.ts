import { referredTo } from '../../core/key/account-secret.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { isMask } from './mask-secret.ts'

const MAX_CHARS = 16_384

// A header holds visible ASCII. Service accounts are JSON, which goes into none.
function isSendable(secret: string): boolean {
  return /^[\x21-\x7e]*$/.test(secret) || secret.startsWith('{')
}

function checkReference(secret: string, ports: ControlPorts): void {
  const variable = referredTo(secret)
  if (variable !== undefined && ports.mayReferTo(variable)) return
  throw invalid('value refers to a variable that tenants may not use in this deployment: see its TENANT_ENV_KEYS')
}

/**
 * A secret that a body gives, or `undefined` where it gives none: absent, or the mask that was shown of the one there is.
 * Throws `request_invalid`, never with the secret in it.
 */
export function readSecret(given: string | null | undefined, field: string, ports: ControlPorts): string | undefined {
  const secret = given?.trim()
  if (secret === undefined || isMask(secret)) return undefined
  if (secret.length > MAX_CHARS) throw invalid(`${field} cannot have more than ${MAX_CHARS} characters`)
  if (!isSendable(secret)) throw invalid(`${field} has characters in it that no secret has`)
  if (secret.startsWith('env.')) checkReference(secret, ports)
  return secret
}
