import { REQUEST_TYPES, type RequestType } from '../../core/pricing/request-type.ts'
import type { GatewayError } from '../../errors/gateway-error.ts'
import { invalid } from '../governance/invalid.ts'

const STREAM = /_stream$/

function isKnown(type: string): type is RequestType {
  return REQUEST_TYPES.some(known => known === type)
}

function unsupported(type: string): GatewayError {
  const base = type.replace(STREAM, '')
  const hint = STREAM.test(type) && isKnown(base)
  const how = `: use the base type (e.g. "chat_completion" covers both streaming and non-streaming)`
  return invalid(`unsupported request_type "${type}"${hint ? how : ''}`)
}

/** The types that a body names, each once. Throws `request_invalid` in the contract's words. */
export function checkRequestTypes(asked: string[]): RequestType[] {
  if (asked.length === 0) throw invalid('request_types is required and must contain at least one value')
  const types = asked.map(type => {
    if (!isKnown(type)) throw unsupported(type)
    return type
  })
  return [...new Set(types)]
}
