import type { AuditAction } from '../../core/access/audit-action.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { findTenantById, type TenantRow } from '../../db/find-tenant.ts'
import { saveTenant } from '../../db/save-tenant.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'

/** The tenant. Throws `not_found`: an operator may name one that there is not. */
export async function requireTenant(tenantId: TenantId, ports: ControlPorts): Promise<TenantRow> {
  const row = await findTenantById(ports.db, tenantId)
  if (!row) throw new GatewayError('not_found', 'There is no such tenant.')
  return row
}

// What of a tenant is in the snapshots of its keys.
function ofKeys({ settings, suspendedMs }: TenantRow): string {
  const { governance_compat, budget_exceeded_status, required_headers } = settings
  return JSON.stringify([governance_compat, budget_exceeded_status, required_headers, suspendedMs !== null])
}

type Edit = { action: AuditAction; change: (row: TenantRow) => TenantRow }

async function changeOnce(tenantId: TenantId, { action, change }: Edit, ports: ActingPorts) {
  const before = await requireTenant(tenantId, ports)
  checkIfMatch(before.version, ports)
  const row = { ...change(before), version: before.version + 1, updatedMs: ports.nowMs() }
  const resource = { type: 'tenant', id: tenantId }
  const audit = auditRow(tenantId, { action, resource, before, after: row }, ports)
  const keys = await saveTenant(ports.db, { row, touchesKeys: ofKeys(before) !== ofKeys(row), audit })
  return keys && { row, keys }
}

/**
 * Changes a tenant as `change` says, in D1 and in force: all meters of its keys have heard of it. Throws `precondition_failed`
 * and `change_pending`.
 */
export async function changeTenant(tenantId: TenantId, edit: Edit, ports: ActingPorts): Promise<TenantRow> {
  const { row, keys } = await retryWhileStale(() => changeOnce(tenantId, edit, ports))
  await putScopeInForce({ tenantId, scopes: [], keys }, ports)
  return row
}
