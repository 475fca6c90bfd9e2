import { referredTo } from '../../core/key/account-secret.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { isMask } from './mask-secret.ts'

const MAX_CHARS = 16_384

/** Which field a secret is given in. A `document` goes into no header: the JSON of a service account. */
export type SecretField = { name: string; isDocument?: boolean }

// A header holds visible ASCII.
function isSendable(secret: string, { isDocument = false }: SecretField): boolean {
  return isDocument || /^[\x21-\x7e]*$/.test(secret)
}

function checkReference(secret: string, ports: ControlPorts): void {
  const variable = referredTo(secret)
  if (variable !== undefined && ports.mayReferTo(variable)) return
  throw invalid('value refers to a variable that tenants may not use in this deployment: see its TENANT_ENV_KEYS')
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

// A service account names where its tokens are had, and that address is called with it.
function checkDocument(secret: string, { name }: SecretField, ports: ControlPorts): void {
  const account = objectOf(secret)
  if (!account) throw invalid(`${name} must be the JSON of a service account`)
  if (!('token_uri' in account)) return
  const { token_uri: address } = account
  if (typeof address === 'string' && ports.addressFlaw(address) === undefined) return
  throw invalid(`${name} names a token_uri that is no address on the public internet`)
}

/**
 * A secret that a body gives, or `undefined` where it gives none: absent, or the mask that was shown of the one there is.
 * Throws `request_invalid`, never with the secret in it.
 */
export function readSecret(
  given: string | null | undefined,
  field: SecretField,
  ports: ControlPorts,
): string | undefined {
  const secret = given?.trim()
  if (secret === undefined || isMask(secret)) return undefined
  if (secret.length > MAX_CHARS) throw invalid(`${field.name} cannot have more than ${MAX_CHARS} characters`)
  if (!isSendable(secret, field)) throw invalid(`${field.name} has characters in it that no secret has`)
  if (secret.startsWith('env.')) checkReference(secret, ports)
  else if (field.isDocument) checkDocument(secret, field, ports)
  return secret
}
