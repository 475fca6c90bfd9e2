import type { Provider } from '../../providers/port.ts'
import type { GatewayPorts } from '../ports.ts'

/** Where a provider works, and how it does as far as this isolate knows. */
export function placeOf(provider: Provider, tenantId: string, ports: GatewayPorts) {
  const { isResting, latencyMs, inFlight } = ports.watch(tenantId, provider).condition(ports.nowMs())
  return {
    region: provider.region ?? null,
    residency: provider.residency ?? null,
    health: { is_resting: isResting, latency_ms: latencyMs, in_flight: inFlight },
  }
}
