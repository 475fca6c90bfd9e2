import type { Access, Managed } from '../port.ts'
import type { HttpFormat } from './http-format.ts'
import type { Fetch } from './http-provider.ts'

/** Asks a vendor's account for what it keeps. As with requests, nothing of the caller's goes along, and no redirect is followed. */
export function managing({ proof }: HttpFormat, fetch: Fetch) {
  return ({ method, path, body }: Managed, { baseUrl, secret }: Access): Promise<Response> => {
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const headers = { ...proof(secret), ...type }
    return fetch(baseUrl + path, { method, headers, body: body ?? null, redirect: 'manual' })
  }
}
