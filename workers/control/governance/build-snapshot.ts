import type { KeySnapshot, ProviderGrant } from '../../core/snapshot.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import type { ProviderConfig } from '../../db/schema/keys.ts'
import { handlingOf } from './apply-handling.ts'
import { reliabilityOf } from './apply-reliability.ts'
import { limitsOf } from './limits-of.ts'

/** Whether the config lets all keys of the provider be used. */
export function allowsAllKeys({ keyIds }: ProviderConfig): boolean {
  return keyIds === null || keyIds.includes('*')
}

// `key_ids: []`, said expressly, allows none.
function allowsSomeKey({ keyIds }: ProviderConfig): boolean {
  return keyIds === null || keyIds.length > 0
}

function grant(config: ProviderConfig): ProviderGrant {
  const { provider, weight, allowedModels, blacklistedModels, keyIds } = config
  const grant = { provider, weight, allowedModels, blacklistedModels }
  return keyIds === null || allowsAllKeys(config) ? grant : { ...grant, keyIds }
}

/**
 * What the key's meter and the data plane are told of a key, but for the limits of other scopes and the accounts at
 * providers, which are added where it is written. Of a deleted one a tombstone, which refuses everything.
 */
export function buildSnapshot(record: KeyRecord): KeySnapshot {
  const { key } = record
  const isDeleted = key.deletedMs !== null
  return {
    version: key.version,
    tenantId: key.tenantId,
    keyId: key.id,
    name: key.name,
    keyHash: key.keyHash,
    isActive: key.isActive && !isDeleted,
    isDeleted,
    expiresMs: key.expiresMs,
    teamId: key.teamId,
    customerId: key.customerId ?? record.team?.customerId ?? null,
    providers: key.providerConfigs.filter(allowsSomeKey).map(grant),
    ...handlingOf(key),
    ...reliabilityOf(key.reliability),
    limits: limitsOf(record),
  }
}
