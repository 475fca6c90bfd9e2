import type { Principal } from '../../core/access/principal.ts'
import { findTenantById } from '../../db/find-tenant.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'

/** Refuses everyone of a tenant that the operator has suspended. Throws `tenant_suspended`. */
export async function checkNotSuspended({ tenantId }: Principal, ports: ControlPorts): Promise<void> {
  const row = await findTenantById(ports.db, tenantId)
  if (row && row.suspendedMs === null) return
  throw new GatewayError(
    'tenant_suspended',
    'This tenant is suspended. Its data is kept; ask whoever runs this server.',
  )
}
