import { type KeySet, readKeySet } from '../../../core/sign-in/key-set.ts'
import { findProvider, type ProviderRow } from '../../../db/find-providers.ts'
import { claimAsking, saveKeySet } from '../../../db/save-key-set.ts'
import { GatewayError } from '../../../errors/gateway-error.ts'
import type { ControlPorts } from '../../ports.ts'

/** How long keys are used before they are asked for again, and how long where nobody answers, in milliseconds. */
const FRESH_MS = 600_000
const STALE_MS = 86_400_000
/** How often a provider is asked at most: whoever makes up names of keys must not make us call it for each. */
const ASK_MS = 60_000
/** Another request asked within so many milliseconds: its answer may be on the way. */
const ASKING_MS = 5_000

async function addressOf({ issuer, jwksUri }: ProviderRow, ports: ControlPorts): Promise<string> {
  if (jwksUri !== null) return jwksUri
  const about = await ports.signIn.fetchJson(`${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`)
  const { issuer: named, jwks_uri } = (about ?? {}) as { issuer?: unknown; jwks_uri?: unknown }
  // OpenID Connect Discovery 1.0, section 4.3: a document of another issuer says nothing of this one.
  if (named !== issuer || typeof jwks_uri !== 'string') throw new Error('the discovery document is not of this issuer')
  return jwks_uri
}

async function ask(provider: ProviderRow, ports: ControlPorts): Promise<KeySet | undefined> {
  try {
    return readKeySet(await ports.signIn.fetchJson(await addressOf(provider, ports)))
  } catch {
    return undefined
  }
}

/** The provider with the keys that it answers now; as it is stored where another request has asked in this minute. */
async function askOnce(provider: ProviderRow, { nowMs, ports }: Asked): Promise<ProviderRow> {
  const isMine = await claimAsking(ports.db, provider, { nowMs, sinceMs: nowMs - ASK_MS })
  if (!isMine) return (await findProvider(ports.db, provider)) ?? provider
  const keySet = await ask(provider, ports)
  if (!keySet) return provider
  await saveKeySet(ports.db, provider, { keySet, nowMs })
  return { ...provider, keySet, keySetMs: nowMs, askedMs: nowMs }
}

type Asked = { kid: string; nowMs: number; ports: ControlPorts }

const has = (keySet: KeySet | null, kid: string) => keySet?.keys.some(key => key.kid === kid) ?? false

function unreachable(): GatewayError {
  const detail = 'The keys of the identity provider cannot be read at the moment.'
  return new GatewayError('identity_provider_unreachable', detail, { retryAfterMs: 1000 })
}

// Asked a moment ago, and nothing is written down yet: the answer is on the way, or none comes.
function isBeingAsked({ askedMs, keySetMs }: ProviderRow, nowMs: number): boolean {
  return askedMs !== null && askedMs > nowMs - ASKING_MS && askedMs !== keySetMs
}

const ageOf = ({ keySetMs }: ProviderRow, nowMs: number) => nowMs - (keySetMs ?? Number.NEGATIVE_INFINITY)

/**
 * The keys to check a token of this provider by: those at hand while they are fresh and one of them is named, or else those that
 * the provider answers now. Where it does not answer those at hand do for a day, and a name that is not among them opens nothing.
 * Throws `identity_provider_unreachable` where there are none, or where another request is asking at this moment.
 */
export async function keySetFor(provider: ProviderRow, asked: Asked): Promise<KeySet> {
  const { kid, nowMs } = asked
  const known = provider.keySet
  if (known && has(known, kid) && ageOf(provider, nowMs) < FRESH_MS) return known
  const latest = await askOnce(provider, asked)
  const { keySet } = latest
  if (!keySet || ageOf(latest, nowMs) >= STALE_MS) throw unreachable()
  if (!has(keySet, kid) && isBeingAsked(latest, nowMs)) throw unreachable()
  return keySet
}
