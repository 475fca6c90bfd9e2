import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { findFirstTenant } from '../../db/find-tenant.ts'
import type { ControlPorts } from '../ports.ts'
import { NOT_MINE, type RequestFacts, type Verdict } from './verifier.ts'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

function isLoopback(address: string): boolean {
  return LOOPBACK.has(URL.parse(address)?.hostname ?? '')
}

// By the name that it was called by, and by no page of elsewhere: a browser sends what any page wants to this machine, too.
function isOfThisMachine({ url, headers }: Request): boolean {
  const origin = headers.get('origin')
  const site = headers.get('sec-fetch-site') ?? 'none'
  return isLoopback(url) && (origin === null || isLoopback(origin)) && ['none', 'same-origin'].includes(site)
}

/**
 * Where the deployment is open, who shows nothing at all is an owner of its first tenant, as in Bifrost without `auth_config`: for
 * `/api/*`, and from the same machine alone.
 */
export async function verifyOpen({ request, secret }: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const isAsked = ports.isOpen && secret === undefined && !request.headers.has('authorization')
  if (!isAsked || !new URL(request.url).pathname.startsWith('/api/') || !isOfThisMachine(request)) return NOT_MINE
  const first = await findFirstTenant(ports.db)
  if (!first) return NOT_MINE
  const scopes = scopesOfRole('owner')
  const principal = { tenantId: asTenantId(first.id), kind: 'admin_key', id: 'open', role: 'owner', scopes } as const
  return { kind: 'principal', principal }
}
