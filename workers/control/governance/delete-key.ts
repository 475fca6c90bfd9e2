import type { KeyRecord } from '../../db/key-record.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { changeKey } from './change-key.ts'

function tombstone({ key }: KeyRecord, nowMs: number): KeyRecord {
  const nothing = { isActive: false, providerConfigs: [], teamId: null, customerId: null }
  const deleted = { ...key, ...nothing, updatedMs: nowMs, deletedMs: nowMs }
  return { key: deleted, budgets: [], rateLimits: [], team: null, customer: null }
}

/** `DELETE /api/governance/virtual-keys/{id}`. The row stays, so that its events keep their key; its name is free again. */
export async function deleteKey(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  await changeKey(path, record => tombstone(record, ports.nowMs()), ports)
  return c.json({ message: 'Virtual key deleted successfully' })
}
