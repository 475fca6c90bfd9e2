import type { TenantId } from '../../core/access/tenant-id.ts'
import { findLimit, type LimitRow } from '../../db/find-limits.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { etagOf } from '../http/etag.ts'
import type { ControlPorts, LimitUsage } from '../ports.ts'
import { renderLimit } from './render-limit.ts'

/** Names a limit of a tenant by the id it is counted under. */
export type LimitPath = { tenantId: TenantId; id: string }

/** A tenant's limit above the virtual key. Throws `not_found`, of another tenant's in the same words. */
export async function requireLimit(path: LimitPath, ports: ControlPorts): Promise<LimitRow> {
  const limit = await findLimit(ports.db, path)
  if (!limit) throw new GatewayError('not_found', 'There is no such limit.')
  return limit
}

/** What was used of limits, which each scope's budget object tells once. Throws `meter_unavailable`. */
export async function readUsages(tenantId: TenantId, limits: LimitRow[], ports: ControlPorts): Promise<LimitUsage[]> {
  const scopes = [...new Set(limits.map(limit => limit.scope))]
  const readings = await Promise.all(scopes.map(scope => ports.readScopeUsage({ tenantId, scope }))).catch(cause => {
    throw new GatewayError('meter_unavailable', 'The usage of a limit could not be read. Try again.', { cause })
  })
  return readings.flat()
}

/** Limits with their usage. Throws `meter_unavailable`. */
export async function showLimits(tenantId: TenantId, limits: LimitRow[], ports: ControlPorts) {
  const readings = await readUsages(tenantId, limits, ports)
  return limits.map(limit => renderLimit(limit, readings, ports.nowMs()))
}

/** One limit with its usage, and its `ETag`. Throws `not_found` and `meter_unavailable`. */
export async function showLimit(path: LimitPath, ports: ControlPorts) {
  const limit = await requireLimit(path, ports)
  const [data] = await showLimits(path.tenantId, [limit], ports)
  return { data, etag: etagOf(limit.scopeVersion) }
}
