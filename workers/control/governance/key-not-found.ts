import { GatewayError } from '../../errors/gateway-error.ts'

/** The same words for a key that never was, was deleted, or is another tenant's. */
export function keyNotFound(): GatewayError {
  return new GatewayError('not_found', 'Virtual key not found')
}
