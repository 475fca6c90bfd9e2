import type { FormatName } from '../../formats/format-name.ts'
import type { Access, Endpoint, Provider, ProviderKey, ProviderRequest } from '../port.ts'
import type { Vendor } from '../vendors.ts'
import type { Asked, Door } from './door.ts'
import { HTTP_FORMATS, type HttpFormat } from './http-format.ts'

/** As much of `fetch` as a provider needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The vendor's own door: the path behind its base address, the secret in the format's own header. */
function plainDoor(format: HttpFormat): Door {
  return {
    address: ({ access, path }) => access.baseUrl + path,
    prove: async (_, { access }) => format.proof(access.secret),
  }
}

// Built from nothing but the few that a format passes on: the caller's headers carry the caller's own key. A form names
// its own type, with its boundary in it.
function headersOf({ isStream, headers = {}, body }: ProviderRequest, format: HttpFormat): Record<string, string> {
  return {
    ...headers,
    ...format.headers?.(headers),
    ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    accept: isStream ? (format.streamType ?? 'text/event-stream') : 'application/json',
  }
}

type Spoken = { name: FormatName; format: HttpFormat }

function endpointOf({ name, format }: Spoken, vendor: Vendor, fetch: Fetch): Endpoint {
  const door = vendor.door ?? plainDoor(format)
  const post = async (path: string, request: ProviderRequest, access: Access) => {
    const asked: Asked = { format: name, path, request, access }
    const { body, signal = null } = request
    const outgoing = { url: door.address(asked), headers: headersOf(request, format), body }
    const headers = { ...outgoing.headers, ...(await door.prove(outgoing, asked)) }
    const answer = await fetch(outgoing.url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    return door.unwrap?.(answer, asked) ?? answer
  }
  const { countPath } = format
  return {
    dialect: format.dialect(vendor),
    call: (request, access) => post(format.path(request), request, access),
    ...(countPath !== undefined && { countTokens: (request, access) => post(countPath, request, access) }),
  }
}

/** What a provider is called, whose it is, and what opens it. */
export type HttpAccount = Omit<Provider, 'pricebook' | 'endpoints' | 'takes'> & { vendor: Vendor; fetch: Fetch }

/** A vendor reached over HTTP. A redirect is handed back, not followed: it would carry the key to another host. */
export function httpProvider({ vendor, fetch, ...account }: HttpAccount): Provider {
  const endpoints = new Map<FormatName, Endpoint>()
  for (const name of vendor.formats) {
    const format = HTTP_FORMATS[name]
    if (format) endpoints.set(name, endpointOf({ name, format }, vendor, fetch))
  }
  const { pricebook, takes } = vendor
  return { ...account, pricebook, ...(takes && { takes }), endpoints }
}

/** The one key of a deployment's own account, whose secret is at hand. `baseUrl` may end in a slash. */
export function ownKey({ baseUrl, ...access }: Access): ProviderKey {
  const opened = { ...access, baseUrl: baseUrl.replace(/\/+$/, '') }
  return {
    id: 'deployment',
    name: 'deployment',
    weight: 1,
    models: ['*'],
    blacklistedModels: [],
    open: async () => opened,
  }
}
