import { findKey } from '../../db/find-key.ts'
import type { OverrideRow } from '../../db/override-record.ts'
import { invalid } from '../governance/invalid.ts'
import type { ControlPorts } from '../ports.ts'
import type { KnownProviders } from '../provider-keys/known-providers.ts'

/** Refuses an override of what the tenant does not have. Throws `request_invalid`. */
export async function checkNamed(row: OverrideRow, known: KnownProviders, ports: ControlPorts): Promise<void> {
  const { tenantId, virtualKeyId, providerId, providerKeyId } = row
  if (providerId !== null && !known.names.some(name => name.toLowerCase() === providerId)) {
    throw invalid('provider_id names no provider that is configured')
  }
  const key = known.keys.find(({ id }) => id === providerKeyId)
  if (providerKeyId !== null && (!key || (providerId !== null && key.account !== providerId))) {
    throw invalid('provider_key_id names no key of that provider')
  }
  if (virtualKeyId !== null && !(await findKey(ports.db, { tenantId, id: virtualKeyId }))) {
    throw invalid('virtual_key_id names no virtual key')
  }
}
