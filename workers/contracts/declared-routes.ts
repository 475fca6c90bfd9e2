import type { DocumentedRoute } from './route-facts.ts'

/** Where what a configuration file can declare is made, changed and deleted. */
const PATHS: readonly string[] = [
  '/v1/tenant',
  '/v1/limits',
  '/api/providers',
  '/api/mcp/client',
  '/api/mcp/clients',
  '/api/governance/virtual-keys',
  '/api/governance/teams',
  '/api/governance/customers',
  '/api/governance/model-configs',
  '/api/governance/routing-rules',
  '/api/governance/pricing-overrides',
  '/v1/webhooks',
]

/** What is done with an object and changes nothing that a file says of it. */
const DEEDS = /\/(?:refresh-tools|test|rotate-secret|redeliver)$/

/** The header that names the hash of what a configuration file declares, on the request that makes it so. */
export const CONFIG_HASH_HEADER = 'x-weir-config-hash'

/** The header that asks whether a change would be made, and makes none. */
export const DRY_RUN_HEADER = 'x-weir-dry-run'

/**
 * Whether a route changes what a file can declare, and so minds both headers: its one write is the batch with its row of the
 * audit trail. What a server says of its own tools is nobody's to declare, nor that a webhook is tried or gets another secret.
 */
export function isDeclared({
  method,
  path,
  isQuestion,
}: Pick<DocumentedRoute, 'method' | 'path' | 'isQuestion'>): boolean {
  return method !== 'GET' && !isQuestion && !DEEDS.test(path) && PATHS.includes(path.split('/:')[0] ?? '')
}
