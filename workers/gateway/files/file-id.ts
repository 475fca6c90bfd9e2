import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { GatewayPorts } from '../ports.ts'
import { type Account, accountOf } from './account.ts'

const PREFIX = 'file-'

/** Refuses an id that is not the caller's, as one that does not exist: the two are not told apart. */
export function noSuch(what: string, param: string): GatewayError {
  return new GatewayError('not_found', `There is no such ${what}.`, { param })
}

/** An id of a provider's file, as this virtual key knows it. */
export function sealFileId(id: string, { provider, key }: Account, { snapshot, ports }: Opening): string {
  return ports.ids.seal(PREFIX, snapshot, [provider.name, key.id, id])
}

/** By what an id is opened. */
export type Opening = { snapshot: KeySnapshot; ports: GatewayPorts }

/** The provider's own id of a file, and the account that it is in. Throws `not_found`. */
export function openFileId(
  id: string,
  { snapshot, ports }: Opening,
  param = 'file_id',
): { account: Account; id: string } {
  const [provider, keyId, upstream] = ports.ids.open(PREFIX, snapshot, id) ?? []
  if (!provider || !keyId || !upstream) throw noSuch('file', param)
  const account = accountOf(snapshot, { provider, keyId }, ports)
  if (!account) throw noSuch('file', param)
  return { account, id: upstream }
}
