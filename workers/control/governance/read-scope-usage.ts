import type { LimitRows } from '../../db/key-record.ts'
import type { ScopePath } from '../../db/scope-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import { type KeyUsage, keyUsage } from './key-usage.ts'

/** Asks a scope's budget object how its limits stand; one without limits is not asked. Throws `meter_unavailable`. */
export async function readScopeUsage(rows: LimitRows & ScopePath, ports: ControlPorts): Promise<KeyUsage> {
  const { tenantId, scope } = rows
  if (rows.budgets.length + rows.rateLimits.length === 0) return new Map()
  try {
    return keyUsage(rows, await ports.readScopeUsage({ tenantId, scope }), ports.nowMs())
  } catch (cause) {
    throw new GatewayError('meter_unavailable', `The usage of ${scope} could not be read. Try again.`, { cause })
  }
}
