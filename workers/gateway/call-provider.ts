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

function prepareOrRelease(admitted: AdmittedCall, ports: GatewayPorts): string {
  try {
    return prepare(admitted)
  } catch (cause) {
    ports.after(admitted.meter.release(admitted.attempt))
    throw new GatewayError('request_invalid', 'The body is nested too deeply to be passed on.', { cause })
  }
}

/** Sends an admitted request. Throws `provider_unreachable`, already settled at nothing, where nobody answered. */
export async function callProvider(admitted: AdmittedCall, ports: GatewayPorts): Promise<Response> {
  const { route, parsed } = admitted
  const body = prepareOrRelease(admitted, ports)
  try {
    return await route.provider.call({ model: route.model, body, isStream: parsed.chat.stream === true })
  } catch (cause) {
    const ending = { outcome: 'unreachable', success: false, httpStatus: null, firstByteMs: null } as const
    ports.after(settleCall(admitted, ending, ports))
    throw new GatewayError('provider_unreachable', `Provider '${route.provider.name}' could not be reached.`, { cause })
  }
}
