import { GatewayError } from '../../errors/gateway-error.ts'

/** A refusal of what the caller asks for (400), in words of the governance contract where it has some. */
export function invalid(detail: string): GatewayError {
  return new GatewayError('request_invalid', detail)
}

/** The refusal of a name that another one of its kind has. */
export function nameTaken(): GatewayError {
  return invalid('a record with this name already exists. Please use a different value')
}
