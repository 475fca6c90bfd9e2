import { GatewayError } from '../../errors/gateway-error.ts'

/** The same words for a server that never was, was deleted, or is another tenant's. */
export function clientNotFound(): GatewayError {
  return new GatewayError('not_found', 'MCP client not found')
}
