import { admitKey } from '../access/admit-key.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { showQuota } from './show-quota.ts'

/**
 * `GET /api/governance/virtual-keys/quota`: how the presented virtual key stands, in exactly the members of contract 1.9.
 * `model_configs` is empty: the limits of models bind all keys of a tenant, and what was spent of them is not one key's to know.
 */
export async function getQuota(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return c.json(await showQuota(await admitKey(c, ports), ports))
}
