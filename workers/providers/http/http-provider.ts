import type { FormatName } from '../../formats/format-name.ts'
import type { Endpoint, Provider, ProviderRequest } from '../port.ts'
import type { Vendor } from '../vendors.ts'
import { HTTP_FORMATS, type HttpFormat } from './http-format.ts'

/** As much of `fetch` as a provider needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What it takes to call a vendor. `baseUrl` may end in a slash. */
export type VendorAccess = { apiKey: string; baseUrl: string; fetch: Fetch }

// Built from nothing but the few that a format passes on: the caller's headers carry the caller's own key.
function headersOf({ isStream, headers }: ProviderRequest, own: Record<string, string>): Record<string, string> {
  return {
    ...headers,
    ...own,
    'content-type': 'application/json',
    accept: isStream ? 'text/event-stream' : 'application/json',
  }
}

function endpointOf(vendor: Vendor, format: HttpFormat, { apiKey, baseUrl, fetch }: VendorAccess): Endpoint {
  const base = baseUrl.replace(/\/+$/, '')
  const { countPath } = format
  const post = (path: string, request: ProviderRequest) => {
    const { body, signal = null } = request
    const headers = headersOf(request, format.headers(apiKey, request.headers ?? {}))
    return fetch(base + path, { method: 'POST', headers, body, signal, redirect: 'manual' })
  }
  return {
    dialect: format.dialect(vendor),
    call: request => post(format.path(request), request),
    ...(countPath !== undefined && { countTokens: request => post(countPath, request) }),
  }
}

/** A vendor reached over HTTP. A redirect is handed back, not followed: it would carry the key to another host. */
export function httpProvider(vendor: Vendor, access: VendorAccess): Provider {
  const endpoints = new Map<FormatName, Endpoint>()
  for (const name of vendor.formats) {
    const format = HTTP_FORMATS[name]
    if (format) endpoints.set(name, endpointOf(vendor, format, access))
  }
  return { name: vendor.name, pricebook: vendor.pricebook, endpoints }
}
