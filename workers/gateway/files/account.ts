import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { Access, Endpoint, Managed, Provider, ProviderKey } from '../../providers/port.ts'
import type { GatewayPorts } from '../ports.ts'
import { checkResidency, readResidency, residencyRefusal } from '../residency.ts'
import { grantFor } from '../routing/route-to.ts'

/** The header by which a caller says whose files it means, where its key has several providers that keep any. */
export const PROVIDER_HEADER = 'x-weir-provider'

/** Where files are kept: one account of a provider. */
export type Account = { provider: Provider; key: ProviderKey; manage: NonNullable<Endpoint['manage']> }

function mayOpen(snapshot: KeySnapshot, provider: string, keyId: string): boolean {
  const grant = grantFor(snapshot, provider)
  return grant !== undefined && (grant.keyIds === undefined || grant.keyIds.some(id => id === '*' || id === keyId))
}

function accountsOf(snapshot: KeySnapshot, ports: GatewayPorts): Account[] {
  const providers = [...ports.providersFor(snapshot).values()]
  return providers.flatMap(provider => {
    const manage = provider.endpoints.get('openai-files')?.manage
    const keys = provider.keys.filter(({ id }) => mayOpen(snapshot, provider.name, id))
    return manage ? keys.map(key => ({ provider, key, manage })) : []
  })
}

/** The account that new files go to. Throws where the key has none, or more than one provider and none is named. */
export function accountFor(snapshot: KeySnapshot, headers: Headers, ports: GatewayPorts): Account {
  const wanted = headers.get(PROVIDER_HEADER)?.toLowerCase()
  const accounts = accountsOf(snapshot, ports).filter(({ provider }) => !wanted || provider.name === wanted)
  const names = [...new Set(accounts.map(({ provider }) => provider.name))]
  const [account] = accounts
  if (!account)
    throw new GatewayError('provider_blocked', 'This virtual key may use no provider that keeps files or batches.')
  if (names.length === 1) return account
  const detail = `${PROVIDER_HEADER}: this virtual key may use several providers that keep files; name one of: ${names.join(', ')}.`
  throw new GatewayError('header_invalid', detail, { param: PROVIDER_HEADER })
}

/** The account that a file or a batch is in; `undefined` where the key may not use it any more. */
export function accountOf(
  snapshot: KeySnapshot,
  at: { provider: string; keyId: string },
  ports: GatewayPorts,
): Account | undefined {
  return accountsOf(snapshot, ports).find(({ provider, key }) => provider.name === at.provider && key.id === at.keyId)
}

/** Refuses an account that is not in the area that a request is to be kept in. */
export function assertResident({ provider }: Account, headers: Headers, ports: GatewayPorts): void {
  const { jurisdiction } = ports.settings
  const check = checkResidency({ wanted: readResidency(headers), jurisdiction, provider })
  if (!check.ok) throw residencyRefusal(check.detail)
}

/** Asks an account. Throws `provider_unreachable` where nobody answers. */
export async function askAccount({ provider, key, manage }: Account, request: Managed): Promise<Response> {
  const access: Access = await key.open()
  return manage(request, access).catch(cause => {
    throw new GatewayError('provider_unreachable', `Provider '${provider.name}' could not be reached.`, { cause })
  })
}
