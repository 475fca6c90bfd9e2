import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeyRecord, LimitRows } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { type KeyUsage, keyUsage } from './key-usage.ts'
import { readScopeUsage } from './read-scope-usage.ts'

/** Asks a key's meter how these limits of it stand; without limits it is not asked. Throws `meter_unavailable`. */
export async function readOwnerUsage(
  rows: LimitRows,
  key: { tenantId: TenantId; keyId: string },
  ports: ControlPorts,
): Promise<KeyUsage> {
  if (rows.budgets.length + rows.rateLimits.length === 0) return new Map()
  try {
    return keyUsage(rows, await ports.readUsage(key), ports.nowMs())
  } catch (cause) {
    throw new GatewayError('meter_unavailable', 'The usage of a virtual key could not be read. Try again.', { cause })
  }
}

// Several meters lease a key's limits, so that none of them knows how a limit stands.
async function readBudgets({ key, budgets, rateLimits }: KeyRecord, ports: ControlPorts): Promise<KeyUsage> {
  const scopes = [...new Set([...budgets, ...rateLimits].map(row => row.scope))]
  const readings = scopes.map(scope => {
    const isOfScope = (row: { scope: string }) => row.scope === scope
    const rows = { budgets: budgets.filter(isOfScope), rateLimits: rateLimits.filter(isOfScope) }
    return readScopeUsage({ ...rows, tenantId: key.tenantId, scope }, ports)
  })
  return new Map((await Promise.all(readings)).flatMap(usage => [...usage]))
}

/** The same of all limits of a key; where its meters were ever set, its budget objects are asked. */
export function readKeyUsage(record: KeyRecord, ports: ControlPorts): Promise<KeyUsage> {
  const { tenantId, id: keyId, meterRegions } = record.key
  if (meterRegions !== null) return readBudgets(record, ports)
  return readOwnerUsage(record, { tenantId, keyId }, ports)
}
