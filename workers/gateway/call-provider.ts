import { GatewayError } from '../errors/gateway-error.ts'
import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { settleCall } from './settle-call.ts'

/** Whether the hold bounds anything: then the output cap that it was sized by must be in the request. */
function isCapped(admitted: AdmittedCall): boolean {
  return admitted.standings.some(({ unit }) => unit === 'nano_usd' || unit === 'tokens')
}

/** The request in the provider's dialect, its output capped at what the hold covers. */
function prepare(admitted: AdmittedCall): string {
  const { route, parsed, hold } = admitted
  const maxOutputTokens = isCapped(admitted) ? hold.maxOutputTokens : undefined
  return route.provider.dialect.prepare(parsed.raw, { model: route.model, maxOutputTokens })
}

/** Sends an admitted request. Throws `provider_unreachable`, already settled at nothing, where nobody answered. */
export async function callProvider(admitted: AdmittedCall, ports: GatewayPorts): Promise<Response> {
  const { route, parsed } = admitted
  try {
    const isStream = parsed.chat.stream === true
    return await route.provider.call({ model: route.model, body: prepare(admitted), isStream })
  } catch (cause) {
    ports.after(
      settleCall(admitted, { outcome: 'unreachable', success: false, httpStatus: null, firstByteMs: null }, ports),
    )
    throw new GatewayError('provider_unreachable', `Provider '${route.provider.name}' could not be reached.`, { cause })
  }
}
