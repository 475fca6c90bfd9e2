import type { Principal } from '../../core/access/principal.ts'
import { findAllowedOrigins } from '../../db/find-allowed-origins.ts'
import type { ControlPorts } from '../ports.ts'
import type { ControlContext } from './env.ts'

const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const REQUEST_HEADERS =
  'authorization, x-api-key, content-type, idempotency-key, if-match, x-request-id, x-active-tenant-id, x-weir-config-hash, x-weir-dry-run'
const ANSWER_HEADERS =
  'etag, x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after, deprecation, sunset'
/** How long a browser need not ask again, in seconds. */
const MAX_AGE = '600'

function isAllowedHere(origin: string, { allowedOrigins }: ControlPorts): boolean {
  return allowedOrigins.includes('*') || allowedOrigins.includes(origin)
}

/**
 * Answers a browser that asks whether it may call. It shows no credential, so the deployment's list decides; whether the page
 * may read what it then gets is said by the tenant. That the call is made is no danger: what it needs is in no cookie.
 */
export function preflight(request: Request, ports: ControlPorts): Response {
  const origin = request.headers.get('origin')
  if (origin === null || !isAllowedHere(origin, ports))
    return new Response(null, { status: 204, headers: { vary: 'Origin' } })
  const headers = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': MAX_AGE,
    vary: 'Origin',
  }
  return new Response(null, { status: 204, headers })
}

// A caller who is not known has no tenant to ask: a page that shows a wrong credential is told by the deployment's list.
async function mayRead(origin: string, c: ControlContext, ports: ControlPorts): Promise<boolean> {
  if (!isAllowedHere(origin, ports)) return false
  const principal = c.get('principal') as Principal | undefined
  if (!principal) return true
  // The answer is made: that nobody can say who may read it must not make another of it.
  return findAllowedOrigins(ports.db, principal.tenantId).then(
    origins => origins.includes(origin),
    () => false,
  )
}

/** What an answer says to the page that asked, where deployment and tenant both let its origin. */
export async function corsHeaders(c: ControlContext, ports: ControlPorts): Promise<Record<string, string>> {
  const origin = c.req.header('origin')
  if (origin === undefined) return {}
  if (!(await mayRead(origin, c, ports))) return { vary: 'Origin' }
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': ANSWER_HEADERS, vary: 'Origin' }
}
