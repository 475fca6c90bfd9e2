import { GatewayError } from '../../errors/gateway-error.ts'

/** The same words for an override that never was, was deleted, or is another tenant's. */
export function overrideNotFound(): GatewayError {
  return new GatewayError('not_found', 'Pricing override not found')
}
