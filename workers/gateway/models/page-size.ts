import { GatewayError } from '../../errors/gateway-error.ts'

const MAX_SIZE = 1000

/** How many a page shall have: what the query says under `name`, 1 to 1000. Throws `request_invalid`. */
export function pageSize(query: URLSearchParams, name: string, otherwise: number): number {
  const asked = query.get(name)
  if (asked === null) return otherwise
  const size = Number(asked)
  if (Number.isInteger(size) && size >= 1 && size <= MAX_SIZE) return size
  throw new GatewayError('request_invalid', `${name}: must be a whole number from 1 to ${MAX_SIZE}.`, { param: name })
}
