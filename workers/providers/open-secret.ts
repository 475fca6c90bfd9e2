import { type AccountSecret, readSecret, referredTo } from '../core/key/account-secret.ts'
import type { Sealer, SealOwner } from '../core/key/seal.ts'
import { GatewayError } from '../errors/gateway-error.ts'

/** The most secrets that an isolate remembers; the oldest makes room. */
const MAX_OPENED = 1000

/** What opens sealed secrets, and the variables that tenants may refer to by `env.NAME`. */
export type SecretSource = { sealer: Sealer; variable(name: string): string | undefined }

function unusable(why: string): GatewayError {
  return new GatewayError('provider_key_unusable', `The secret of this provider key cannot be had: ${why}.`)
}

// Asked each time: what may be referred to is the deployment's to say, and it may have changed its mind.
function resolved(text: string, { variable }: SecretSource): string {
  const name = referredTo(text)
  if (name === undefined) return text
  const value = variable(name)?.trim()
  if (value) return value
  throw unusable('it names a variable that tenants may not use in this deployment, or that is not set')
}

function resolvedAll({ secret, settings = {} }: AccountSecret, source: SecretSource): AccountSecret {
  const pairs = Object.entries(settings).map(([name, value]) => [name, resolved(value, source)] as const)
  return { secret: resolved(secret, source), settings: Object.fromEntries(pairs) }
}

/** Opens secrets, and remembers those that were opened. The owner is a part of what they are remembered by. */
export function secretOpener(source: SecretSource): (sealed: string, owner: SealOwner) => Promise<AccountSecret> {
  const opened = new Map<string, AccountSecret>()
  const read = async (sealed: string, owner: SealOwner): Promise<AccountSecret> => {
    if (referredTo(sealed) !== undefined) return { secret: sealed }
    const text = await source.sealer.open(sealed, owner)
    if (text === undefined) throw unusable('it was sealed under another WEIR_SECRET, or was changed')
    return readSecret(text)
  }
  return async (sealed, owner) => {
    const name = JSON.stringify([owner.tenantId, owner.keyId, sealed])
    const secret = opened.get(name) ?? (await read(sealed, owner))
    opened.delete(name)
    opened.set(name, secret)
    const [oldest] = opened.keys()
    if (opened.size > MAX_OPENED && oldest !== undefined) opened.delete(oldest)
    return resolvedAll(secret, source)
  }
}
