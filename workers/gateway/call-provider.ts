import { GatewayError } from '../errors/gateway-error.ts'
import type { Access } from '../providers/port.ts'
import type { AdmittedCall } from './call.ts'
import type { GatewayPorts } from './ports.ts'
import { settleCall } from './settle-call.ts'
import { withModel } from './wires/form-parts.ts'

/** Whether the hold bounds anything: then the output cap that it was sized by must be in the request. */
function isCapped(admitted: AdmittedCall): boolean {
  return admitted.standings.some(({ unit }) => unit === 'nano_usd' || unit === 'tokens')
}

/** The request in the provider's dialect, its output capped at what the hold covers. */
function prepare(admitted: AdmittedCall): string | FormData {
  const { route, ask, hold, translation } = admitted
  if (ask.form) return withModel(ask.form, route.model)
  const maxOutputTokens = isCapped(admitted) ? hold.maxOutputTokens : undefined
  const body = translation?.request ?? ask.raw
  return route.endpoint.dialect.prepare(body, { model: route.model, isStream: ask.isStream, maxOutputTokens })
}

function prepareOrRelease(admitted: AdmittedCall, ports: GatewayPorts): string | FormData {
  try {
    return prepare(admitted)
  } catch (cause) {
    ports.after(admitted.meter.release(admitted.attempt))
    throw new GatewayError('request_invalid', 'The body is nested too deeply to be passed on.', { cause })
  }
}

// Only to a provider of the same format: to others they would mean nothing.
function forwarded({ call, ask, translation }: AdmittedCall): Record<string, string> {
  const names = translation ? [] : ask.forwards
  const pairs = names.map(name => [name, call.request.headers.get(name)] as const)
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== null))
}

// A key that does not open has sent nothing.
async function openOrRelease(admitted: AdmittedCall, ports: GatewayPorts): Promise<Access> {
  try {
    return await admitted.route.key.open()
  } catch (thrown) {
    ports.after(admitted.meter.release(admitted.attempt))
    throw thrown
  }
}

/** Sends an admitted request. Throws `provider_unreachable`, already settled at nothing, where nobody answered. */
export async function callProvider(admitted: AdmittedCall, ports: GatewayPorts): Promise<Response> {
  const { route, ask } = admitted
  const body = prepareOrRelease(admitted, ports)
  const access = await openOrRelease(admitted, ports)
  const request = { model: route.model, body, isStream: ask.isStream, headers: forwarded(admitted), asked: ask.raw }
  try {
    return await route.endpoint.call(request, access)
  } catch (cause) {
    const ending = { outcome: 'unreachable', success: false, httpStatus: null, firstByteMs: null } as const
    ports.after(settleCall(admitted, ending, ports))
    throw new GatewayError('provider_unreachable', `Provider '${route.provider.name}' could not be reached.`, { cause })
  }
}
