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
]

/** The header that names the hash of what a configuration file declares, on the request that makes it so. */
export const CONFIG_HASH_HEADER = 'x-weir-config-hash'

/** The header that asks whether a change would be made, and makes none. */
export const DRY_RUN_HEADER = 'x-weir-dry-run'

/**
 * Whether a route changes what a file can declare, and so minds both headers: its one write is the batch with its row of the
 * audit trail. What a server says of its own tools is nobody's to declare.
 */
export function isDeclared({
  method,
  path,
  isQuestion,
}: Pick<DocumentedRoute, 'method' | 'path' | 'isQuestion'>): boolean {
  return (
    method !== 'GET' && !isQuestion && !path.endsWith('/refresh-tools') && PATHS.includes(path.split('/:')[0] ?? '')
  )
}
