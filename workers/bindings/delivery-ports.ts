import type { DeliveryPorts } from '../accounting/webhooks/ports.ts'
import { logEvent } from '../telemetry/log.ts'
import { deployment } from './deployment.ts'

/** The ports of what delivers to webhooks. */
export function deliveryPorts(env: Env): DeliveryPorts {
  const { databases, settings, tenantsFetch: fetch, seals, addressFlaw } = deployment(env)
  return {
    ...databases(),
    nowMs: Date.now,
    random: Math.random,
    log: logEvent,
    fetch,
    openSecret: seals.open,
    addressFlaw,
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
  }
}
