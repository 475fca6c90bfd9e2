import { GatewayError } from '../errors/gateway-error.ts'
import type { Access, ProviderRequest } from '../providers/port.ts'
import type { AdmittedCall } from './call.ts'
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
  try {
    return route.endpoint.dialect.prepare(body, { model: route.model, isStream: ask.isStream, maxOutputTokens })
  } catch (cause) {
    throw new GatewayError('request_invalid', 'The body is nested too deeply to be passed on.', { cause })
  }
}

// Only to a provider of the same format: to others they would mean nothing.
function forwarded({ call, ask, translation }: AdmittedCall): Record<string, string> {
  const names = translation ? [] : ask.forwards
  const pairs = names.map(name => [name, call.request.headers.get(name)] as const)
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => pair[1] !== null))
}

/** A request that is ready to be sent, and what opens its provider. */
export type Outgoing = { request: ProviderRequest; access: Access }

/** Makes an admitted request ready. Throws `request_invalid` and `provider_key_unusable`; nothing was sent then. */
export async function outgoing(admitted: AdmittedCall, signal: AbortSignal | undefined): Promise<Outgoing> {
  const { route, ask } = admitted
  const body = prepare(admitted)
  const access = await route.key.open()
  const { isStream, raw: asked } = ask
  const headers = forwarded(admitted)
  return { access, request: { model: route.model, body, isStream, headers, asked, ...(signal && { signal }) } }
}
