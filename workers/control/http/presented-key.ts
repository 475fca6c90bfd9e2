import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from './env.ts'

const BEARER = /^bearer +(\S+) *$/i

/** The secret in `Authorization: Bearer` or else in `x-api-key`. Throws `key_missing`. */
export function presentedKey(c: ControlContext): string {
  const bearer = BEARER.exec(c.req.header('authorization') ?? '')?.[1]
  const key = bearer ?? c.req.header('x-api-key')
  if (key) return key
  throw new GatewayError('key_missing', 'Present your key as `Authorization: Bearer <key>` or as `x-api-key`.')
}
