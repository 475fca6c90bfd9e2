import { GatewayError } from '../errors/gateway-error.ts'

/** What one wire says and another cannot. `param` is the field's path in the caller's request. */
export function untranslatable(param: string, why: string): GatewayError {
  return new GatewayError('untranslatable', `${param}: ${why}.`, { param })
}
