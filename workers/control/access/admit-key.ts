import type { KeyRecord } from '../../db/key-record.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { presentedVirtualKey } from './presented-virtual-key.ts'
import { takeKeyRequest } from './take-request.ts'

/**
 * The virtual key that a request presents to see itself, once its request is counted. Throws as `presentedVirtualKey` does, and
 * `rate_limited`.
 */
export async function admitKey(c: ControlContext, ports: ControlPorts): Promise<KeyRecord> {
  const record = await presentedVirtualKey(c.req.raw, ports)
  const { tenantId, id: keyId } = record.key
  await takeKeyRequest({ tenantId, keyId }, c, ports)
  return record
}
