import { GatewayError } from '../../errors/gateway-error.ts'

/** The same words for a provider that never was, was deleted, is another tenant's, or is the deployment's own. */
export function providerNotFound(): GatewayError {
  return new GatewayError('not_found', 'Provider not found')
}

/** The same words for a key that never was, was deleted, or is another provider's or tenant's. */
export function keyNotFound(): GatewayError {
  return new GatewayError('not_found', 'Key not found')
}
