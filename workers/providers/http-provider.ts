import { openaiDialect } from './openai/openai-dialect.ts'
import type { Provider, ProviderRequest } from './port.ts'
import type { Vendor } from './vendors.ts'

/** As much of `fetch` as a provider needs. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What it takes to call a vendor. `baseUrl` may end in a slash. */
export type VendorAccess = { apiKey: string; baseUrl: string; fetch: Fetch }

const DIALECTS = { openai: openaiDialect }

// Built from nothing, never from the caller's headers: those carry the caller's own key.
function headersOf({ isStream }: ProviderRequest, apiKey: string): Record<string, string> {
  return {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    accept: isStream ? 'text/event-stream' : 'application/json',
  }
}

/** A vendor reached over HTTP. A redirect is handed back, not followed: it would carry the key to another host. */
export function httpProvider(vendor: Vendor, { apiKey, baseUrl, fetch }: VendorAccess): Provider {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`
  return {
    name: vendor.name,
    pricebook: vendor.pricebook,
    dialect: DIALECTS[vendor.dialect](vendor),
    call: request => {
      const { body, signal = null } = request
      return fetch(url, { method: 'POST', headers: headersOf(request, apiKey), body, signal, redirect: 'manual' })
    },
  }
}
