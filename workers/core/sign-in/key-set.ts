/** The algorithms that a provider's tokens may be signed with: both by a private key that Weir never sees. */
export const SSO_ALGORITHMS = ['RS256', 'ES256'] as const

/** One of `SSO_ALGORITHMS`. */
export type SsoAlgorithm = (typeof SSO_ALGORITHMS)[number]

/** A public key of a provider's, with the members that are looked at and no others (RFC 7517, RFC 7518 section 6). */
export type PublicKey = {
  kty: 'RSA' | 'EC'
  kid: string
  alg?: string
  use?: string
  n?: string
  e?: string
  crv?: string
  x?: string
  y?: string
}

/** The public keys of a provider. */
export type KeySet = { keys: PublicKey[] }

/** More than any provider publishes at a time. */
const MAX_KEYS = 50

const MEMBERS = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y'] as const

function publicKeyIn(value: unknown): PublicKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const given = value as Record<string, unknown>
  const members = MEMBERS.map(name => [name, given[name]] as const).filter(([, text]) => typeof text === 'string')
  const key = Object.fromEntries(members) as Partial<PublicKey>
  const isAsymmetric = key.kty === 'RSA' || key.kty === 'EC'
  return isAsymmetric && key.kid && (key.use ?? 'sig') === 'sig' ? (key as PublicKey) : undefined
}

/**
 * The keys for signatures in the answer of a provider's address; `undefined` where it is no key set. A symmetric key in it is
 * left out, and so is one without a name: no token could ask for it.
 */
export function readKeySet(answer: unknown): KeySet | undefined {
  const keys = (answer as { keys?: unknown } | null | undefined)?.keys
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) return undefined
  return { keys: keys.map(publicKeyIn).filter(key => key !== undefined) }
}
