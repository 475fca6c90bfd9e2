import { CONFIG_HASH_HEADER, isDeclared } from '../../contracts/declared-routes.ts'
import { CONFIG_HASH } from '../../core/config/config-kind.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { RouteSpec } from './route-spec.ts'

function bad(rule: string): GatewayError {
  return new GatewayError('header_invalid', `${CONFIG_HASH_HEADER}: ${rule}.`, { param: CONFIG_HASH_HEADER })
}

/** The hash that a request names of what a configuration file declares, or `undefined`. Throws `header_invalid`. */
export function readConfigHash(route: RouteSpec, request: Request): string | undefined {
  const hash = request.headers.get(CONFIG_HASH_HEADER)
  if (hash === null) return undefined
  if (!isDeclared(route)) throw bad('no configuration file declares what this request changes')
  if (!CONFIG_HASH.test(hash)) throw bad('must be a SHA-256 in 64 hexadecimal digits, in lower case')
  return hash
}
