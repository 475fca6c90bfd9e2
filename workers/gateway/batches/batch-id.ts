import { type Account, accountOf } from '../files/account.ts'
import { noSuch, type Opening } from '../files/file-id.ts'

const PREFIX = 'batch_'

/** What the id of a batch says: where it is, which hold is its own, and how its answers are priced. */
export type BatchRef = {
  id: string
  callId: string
  /** Which of the key's meters has the hold. */
  part: string | undefined
  model: string
  endpoint: string
}

/** The id of a provider's batch, as this virtual key knows it. */
export function sealBatchId(ref: BatchRef, { provider, key }: Account, { snapshot, ports }: Opening): string {
  const { id, callId, part = '', model, endpoint } = ref
  return ports.ids.seal(PREFIX, snapshot, [provider.name, key.id, id, callId, part, model, endpoint])
}

/** What an id says, and the account that the batch is in. Throws `not_found`. */
export function openBatchId(sealed: string, { snapshot, ports }: Opening): { account: Account; ref: BatchRef } {
  const [provider, keyId, id, callId, part, model, endpoint] = ports.ids.open(PREFIX, snapshot, sealed) ?? []
  if (!provider || !keyId || !id || !callId || !model || !endpoint) throw noSuch('batch', 'batch_id')
  const account = accountOf(snapshot, { provider, keyId }, ports)
  if (!account) throw noSuch('batch', 'batch_id')
  return { account, ref: { id, callId, part: part || undefined, model, endpoint } }
}
