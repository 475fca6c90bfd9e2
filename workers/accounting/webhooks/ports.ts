import type { SealOwner } from '../../core/key/seal.ts'
import type { AddressFlaw } from '../../core/net/public-address.ts'
import type { Databases } from '../../db/shards.ts'

/** All that delivering to a webhook needs of the outside. */
export type DeliveryPorts = Pick<Databases, 'db' | 'eventsDb'> & {
  nowMs(): number
  /** From 0 to below 1. */
  random(): number
  log(event: Record<string, unknown>): void
  fetch(url: string, init: RequestInit): Promise<Response>
  /** A secret as it was before it was sealed; `undefined` where it does not open. */
  openSecret(sealed: string, owner: SealOwner): Promise<string | undefined>
  /** Why the deployment does not call an address; `undefined` where it does. */
  addressFlaw(address: string): AddressFlaw | undefined
  /** How long an endpoint is waited for. */
  timeoutMs: number
}
