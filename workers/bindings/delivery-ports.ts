import type { DeliveryPorts } from '../accounting/webhooks/ports.ts'
import { addressFlaw } from '../core/net/public-address.ts'
import { logEvent } from '../telemetry/log.ts'
import { deployment } from './deployment.ts'
import { tenantsOutboundOf } from './outbound.ts'

/** The ports of what delivers to webhooks. */
export function deliveryPorts(env: Env): DeliveryPorts {
  const { databases, settings, seals } = deployment(env)
  const allowPrivate = settings.ALLOW_PRIVATE_UPSTREAMS === 'on'
  return {
    ...databases(),
    nowMs: Date.now,
    random: Math.random,
    log: logEvent,
    fetch: tenantsOutboundOf(env, allowPrivate),
    openSecret: seals.open,
    addressFlaw: address => addressFlaw(address, { allowPrivate }),
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
  }
}
