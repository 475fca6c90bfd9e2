import type { ProviderKeyInput } from '../../contracts/provider-input.ts'
import { type AccountSecret, referredTo } from '../../core/key/account-secret.ts'
import type { SealOwner } from '../../core/key/seal.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import { readSecret } from './read-secret.ts'

/** Vendors that are also asked without a key; others would refuse. */
export const KEYLESS_VENDORS: readonly string[] = ['openai-compatible', 'ollama', 'vllm']

// Where a vendor's own words for the secret are used, they are the value.
function givenSecret(input: ProviderKeyInput, vendor: string, ports: ControlPorts): string | undefined {
  const isDocument = vendor.startsWith('vertex')
  const { value, vertex_key_config: vertex, bedrock_key_config: bedrock } = input
  return (
    readSecret(bedrock?.secret_key, { name: 'bedrock_key_config.secret_key' }, ports) ??
    readSecret(vertex?.auth_credentials, { name: 'vertex_key_config.auth_credentials', isDocument }, ports) ??
    readSecret(value, { name: 'value', isDocument }, ports)
  )
}

/**
 * The secret that a body gives a key, or `undefined` where it gives none. A session token is a part of it: it comes with
 * its secret or not at all, since what is sealed is not read again to be changed. Throws `request_invalid`.
 */
export function secretOf(input: ProviderKeyInput, vendor: string, ports: ControlPorts): AccountSecret | undefined {
  const secret = givenSecret(input, vendor, ports)
  const token = readSecret(input.bedrock_key_config?.session_token, { name: 'bedrock_key_config.session_token' }, ports)
  if (secret === undefined && token) throw invalid('bedrock_key_config.session_token needs its secret_key beside it')
  if (secret === '' && !KEYLESS_VENDORS.includes(vendor)) throw invalid('value cannot be empty')
  if (secret === undefined) return undefined
  return { secret, ...(token && { settings: { sessionToken: token } }) }
}

/** A secret as it is stored: a reference that stands alone as it is, all else sealed. */
export function stored(secret: AccountSecret, owner: SealOwner, ports: ControlPorts): Promise<string> {
  const isReference = referredTo(secret.secret) !== undefined && secret.settings === undefined
  return isReference ? Promise.resolve(secret.secret) : ports.sealSecret(secret, owner)
}
