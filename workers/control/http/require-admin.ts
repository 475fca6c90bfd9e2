import type { MiddlewareHandler } from 'hono'
import { findAdminKey } from '../../db/find-admin-key.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'
import type { ControlEnv } from './env.ts'
import { isSameText } from './is-same-text.ts'
import { presentedKey } from './presented-key.ts'

async function refuse(text: string, ports: ControlPorts): Promise<never> {
  if (await ports.readKey('virtual', text)) {
    throw new GatewayError('admin_required', 'A virtual key opens the data plane only; present an admin key.')
  }
  throw new GatewayError('key_invalid', 'This is not a valid admin key.')
}

async function adminTenant(text: string, ports: ControlPorts): Promise<string> {
  const key = await ports.readKey('admin', text)
  if (!key) return refuse(text, ports)
  const row = await findAdminKey(ports.db, key)
  if (!row || row.revokedMs !== null || !(await isSameText(row.keyHash, key.hash))) return refuse(text, ports)
  return row.tenantId
}

/** Lets a valid admin key pass, and binds the request to the key's tenant. Refuses with 401, a virtual key with 403. */
export function requireAdmin(ports: ControlPorts): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    c.set('tenantId', await adminTenant(presentedKey(c), ports))
    await next()
  }
}
