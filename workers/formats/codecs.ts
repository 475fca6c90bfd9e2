import { GatewayError } from '../errors/gateway-error.ts'
import type { Codec } from './codec.ts'
import type { FormatName } from './format-name.ts'

const CODECS: Partial<Record<FormatName, Codec>> = {}

/** The codec of a format. */
export function codecOf(format: FormatName): Codec {
  const codec = CODECS[format]
  if (codec) return codec
  throw new GatewayError('internal', `There is no codec for ${format}.`)
}
