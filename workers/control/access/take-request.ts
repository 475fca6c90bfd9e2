import type { TenantId } from '../../core/access/tenant-id.ts'
import type { RateStanding } from '../../core/rate/take.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'

function refuseBeyond(rate: RateStanding, who: string, { c, ports }: { c: ControlContext; ports: ControlPorts }): void {
  c.set('rate', rate)
  if (rate.ok) return
  const detail = `${who} ${rate.limit} requests of the management API in a minute.`
  throw new GatewayError('rate_limited', detail, { retryAfterMs: rate.resetMs - ports.nowMs() })
}

/**
 * Counts a request against the plan of its tenant, for the headers to tell. Throws `rate_limited`. Where the counter does not
 * answer the request passes: what it would do is bounded by its own limits, and who pays should not wait for us.
 */
export async function takeRequest(tenantId: TenantId, c: ControlContext, ports: ControlPorts): Promise<void> {
  const rate = await ports.takeRequest(tenantId).catch(() => undefined)
  if (rate) refuseBeyond(rate, 'The plan allows', { c, ports })
}

/** The same for a virtual key that asks how it stands, whatever its tenant's plan. Throws `rate_limited`. */
export async function takeKeyRequest(
  key: { tenantId: TenantId; keyId: string },
  c: ControlContext,
  ports: ControlPorts,
): Promise<void> {
  const rate = await ports.takeKeyRequest(key).catch(() => undefined)
  if (rate) refuseBeyond(rate, 'A virtual key may make', { c, ports })
}
