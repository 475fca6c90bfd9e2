import type { ControlPorts } from '../control/ports.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { describeProviders } from '../gateway/explain/describe-providers.ts'
import { explainRoute } from '../gateway/explain/explain-route.ts'
import { gatewayPorts, NO_LIFETIME } from './gateway-ports.ts'

/** The ports that explain what the data plane would do. */
export function routingPorts(env: Env): Pick<ControlPorts, 'explainRoute' | 'describeProviders'> {
  const ports = gatewayPorts(env, NO_LIFETIME)
  return {
    async explainRoute({ tenantId, keyId: id }, question) {
      const ref = { tenantId, id, jurisdiction: ports.settings.jurisdiction }
      const snapshot = await ports.meter(ref).snapshot()
      if (!snapshot) throw new GatewayError('not_found', 'Virtual key not found')
      const startMs = ports.nowMs()
      const callId = ports.newCallId(startMs)
      const call = { id: callId, requestId: callId, startMs, request: new Request('https://weir.invalid') }
      return explainRoute(question, { ref, snapshot, call }, ports)
    },
    describeProviders: (tenantId, accounts) =>
      describeProviders(ports.providersFor({ tenantId, accounts }), { tenantId, mayUse: () => true }, ports),
  }
}
