import { parseLossless } from '../../contracts/lossless-json.ts'
import type { Json } from '../codec.ts'
import { isObject } from './read-fields.ts'

function parse(text: string): unknown {
  try {
    return parseLossless(text)
  } catch {
    return undefined
  }
}

/**
 * The arguments of a call as this wire has them: an object. What is none goes into one, under the name that Anthropic's
 * documentation gives for it, so that neither a model nor a client takes it for a call without arguments.
 */
export function inputOf(args: string): Json {
  if (args.trim() === '') return {}
  const input = parse(args)
  return isObject(input) ? input : { INVALID_JSON: args }
}

/** The JSON text of a call's arguments; `{}` where there are none. */
export function argumentsOf(input: unknown): string {
  return isObject(input) ? JSON.stringify(input) : '{}'
}
