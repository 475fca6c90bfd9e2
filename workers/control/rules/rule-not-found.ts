import { GatewayError } from '../../errors/gateway-error.ts'

/** The same words for a rule that never was, was deleted, or is another tenant's. */
export function ruleNotFound(): GatewayError {
  return new GatewayError('not_found', 'Routing rule not found')
}
