import { GatewayError } from '../../errors/gateway-error.ts'

/** A field that breaks the wire's own rules. `param` is its path in the request. */
export function invalid(param: string, rule: string): GatewayError {
  return new GatewayError('request_invalid', `${param || 'body'}: ${rule}.`, { param })
}
