import type { TenantId } from '../../core/access/tenant-id.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'

/**
 * Counts a request against the plan of its tenant, for the headers to tell. Throws `rate_limited`. Where the counter does not
 * answer the request passes: what it would do is bounded by its own limits, and who pays should not wait for us.
 */
export async function takeRequest(tenantId: TenantId, c: ControlContext, ports: ControlPorts): Promise<void> {
  const rate = await ports.takeRequest(tenantId).catch(() => undefined)
  if (!rate) return
  c.set('rate', rate)
  if (rate.ok) return
  const detail = `The plan allows ${rate.limit} requests of the management API in a minute.`
  throw new GatewayError('rate_limited', detail, { retryAfterMs: rate.resetMs - ports.nowMs() })
}
