import { intervalAt } from '../../core/window/interval-at.ts'
import type { KeyRecord, LimitRows } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts, LimitUsage } from '../ports.ts'
import { limitsOf } from './limits-of.ts'

/** How each limit of an owner stands in its current window, by the limit's id. */
export type KeyUsage = Map<string, { used: number; startMs: number }>

/** The usage of an owner that has used nothing of what the readings do not tell. */
export function keyUsage(record: LimitRows, readings: LimitUsage[], nowMs: number): KeyUsage {
  const current = new Map(readings.filter(({ endMs }) => endMs > nowMs).map(reading => [reading.limitId, reading]))
  return new Map(
    limitsOf(record).map(({ id, window }) => {
      const { used = 0, startMs = intervalAt(window, nowMs).startMs } = current.get(id) ?? {}
      return [id, { used, startMs }]
    }),
  )
}

/** Asks a key's meter how these limits of it stand; without limits it is not asked. Throws `meter_unavailable`. */
export async function readOwnerUsage(
  rows: LimitRows,
  key: { tenantId: string; keyId: string },
  ports: ControlPorts,
): Promise<KeyUsage> {
  if (rows.budgets.length + rows.rateLimits.length === 0) return new Map()
  try {
    return keyUsage(rows, await ports.readUsage(key), ports.nowMs())
  } catch (cause) {
    throw new GatewayError('meter_unavailable', 'The usage of a virtual key could not be read. Try again.', { cause })
  }
}

/** The same of all limits of a key. */
export function readKeyUsage(record: KeyRecord, ports: ControlPorts): Promise<KeyUsage> {
  const { tenantId, id: keyId } = record.key
  return readOwnerUsage(record, { tenantId, keyId }, ports)
}
