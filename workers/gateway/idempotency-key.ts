import { GatewayError } from '../errors/gateway-error.ts'

const NAME = 'idempotency-key'

/** The caller's `Idempotency-Key`, where it sends one. Throws `header_invalid` for one that no caller should rely on. */
export function idempotencyKeyOf(headers: Headers): string | undefined {
  const given = headers.get(NAME)
  if (given === null) return undefined
  if (/^[\x21-\x7e]{1,255}$/.test(given)) return given
  throw new GatewayError('header_invalid', `${NAME}: must be 1 to 255 visible ASCII characters.`, { param: NAME })
}
