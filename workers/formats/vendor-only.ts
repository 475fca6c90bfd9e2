import { GatewayError } from '../errors/gateway-error.ts'
import type { Codec } from './codec.ts'

type ClientHalf = Pick<Codec, 'decodeRequest' | 'encodeAnswer' | 'streamEncoder' | 'encodeError'>

/** The client's half of a wire that only vendors speak: to be asked for it is a fault of ours, `internal`. */
export function vendorOnly(format: string): ClientHalf {
  const refuse = (): never => {
    throw new GatewayError('internal', `No client speaks ${format}.`)
  }
  return { decodeRequest: refuse, encodeAnswer: refuse, streamEncoder: refuse, encodeError: refuse }
}
