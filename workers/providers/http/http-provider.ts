import type { DeclaredPrices } from '../../core/pricing/declared-prices.ts'
import type { FormatName } from '../../formats/format-name.ts'
import {
  type Access,
  DEPLOYMENT_KEY,
  type Endpoint,
  type Provider,
  type ProviderKey,
  type ProviderRequest,
} from '../port.ts'
import type { Vendor } from '../vendors.ts'
import type { Asked, Door, Fetch } from './door.ts'
import { HTTP_FORMATS, type HttpFormat } from './http-format.ts'
import { managing } from './manage.ts'

export type { Fetch } from './door.ts'

/** The vendor's own door: the path behind its base address, the secret in the format's own header; none where there is no secret. */
function plainDoor(format: HttpFormat): Door {
  return {
    address: ({ access, path }) => access.baseUrl + path,
    prove: async (_, { access }) => (access.secret === '' ? {} : format.proof(access.secret)),
  }
}

// Built from nothing but the few that a format passes on: the caller's headers carry the caller's own key. A form names
// its own type, with its boundary in it.
function headersOf({ isStream, headers = {}, body }: ProviderRequest, format: HttpFormat): Record<string, string> {
  return {
    ...headers,
    ...format.headers?.(headers),
    ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    accept: isStream ? (format.streamType ?? 'text/event-stream') : (format.accept ?? 'application/json'),
  }
}

type World = { fetch: Fetch; nowMs: () => number }

const UNAUTHORIZED = 401

/** Sends one request through a door; where a proof that can be renewed is refused, once more with a new one. */
async function sendThrough(door: Door, asked: Asked, headers: Record<string, string>): Promise<Response> {
  const { signal = null } = asked.request
  const outgoing = { url: door.address(asked), headers, body: door.body?.(asked) ?? asked.request.body }
  const send = async () => {
    const proof = await door.prove(outgoing, asked)
    const init = { method: 'POST', headers: { ...headers, ...proof }, body: outgoing.body, signal }
    return { proof, answer: await asked.fetch(outgoing.url, { ...init, redirect: 'manual' }) }
  }
  const first = await send()
  if (first.answer.status !== UNAUTHORIZED || !door.disown?.(first.proof, asked)) return first.answer
  await first.answer.body?.cancel()
  return (await send()).answer
}

type Spoken = { name: FormatName; format: HttpFormat }

function endpointOf({ name, format }: Spoken, vendor: Vendor, { fetch, nowMs }: World): Endpoint {
  const door = vendor.door ?? plainDoor(format)
  const post = async (path: string, request: ProviderRequest, access: Access) => {
    const asked: Asked = { format: name, path, request, access, nowMs: nowMs(), fetch }
    const answer = await sendThrough(door, asked, headersOf(request, format))
    const unwrapped = door.unwrap?.(answer, asked) ?? answer
    return format.reword ? format.reword(unwrapped, request) : unwrapped
  }
  const { countPath } = format
  return {
    dialect: format.dialect(vendor),
    call: (request, access) => post(format.path(request), request, access),
    ...(format.isManaged && { manage: managing(format, fetch) }),
    ...(countPath !== undefined && { countTokens: (request, access) => post(countPath, request, access) }),
  }
}

/** What a provider is called, whose it is, and what opens it. `declared`: the prices of this deployment's own models. */
export type HttpAccount = Omit<Provider, 'pricebook' | 'endpoints' | 'takes' | 'tariff'> & {
  vendor: Vendor
  fetch: Fetch
  nowMs?: () => number
  declared?: DeclaredPrices
}

/** A vendor reached over HTTP. A redirect is handed back, not followed: it would carry the key to another host. */
export function httpProvider({ vendor, fetch, nowMs = Date.now, declared, ...account }: HttpAccount): Provider {
  const endpoints = new Map<FormatName, Endpoint>()
  for (const name of vendor.formats) {
    const format = vendor.own?.[name] ?? HTTP_FORMATS[name]
    if (format) endpoints.set(name, endpointOf({ name, format }, vendor, { fetch, nowMs }))
  }
  const { pricebook, takes } = vendor
  const tariff = vendor.tariff?.({ name: account.name, region: account.region, declared })
  return { ...account, pricebook, ...(takes && { takes }), ...(tariff && { tariff }), endpoints }
}

/** The one key of a deployment's own account, whose secret is at hand. `baseUrl` may end in a slash. */
export function ownKey({ baseUrl, ...access }: Access): ProviderKey {
  const opened = { ...access, baseUrl: baseUrl.replace(/\/+$/, '') }
  return {
    id: DEPLOYMENT_KEY,
    name: DEPLOYMENT_KEY,
    weight: 1,
    models: ['*'],
    blacklistedModels: [],
    open: async () => opened,
  }
}
