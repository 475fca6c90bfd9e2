import { parseLossless } from '../../contracts/lossless-json.ts'
import type { Json } from '../codec.ts'

/** A tool call as it was made: `arguments` are JSON text, or should be. */
export type Call = { id: string; name: string; arguments: string; signature?: string }

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value)
}

/** A call's arguments; `undefined` where they are no JSON object, which is all that Gemini can say. */
export function argsOf(text: string): Json | undefined {
  if (text.trim() === '') return {}
  try {
    const args = parseLossless(text)
    return isObject(args) ? args : undefined
  } catch {
    return undefined
  }
}

/** `functionCall` of a call whose arguments are whole; no id where it has none. */
export function functionCall({ id, name }: Call, args: Json): Json {
  return { ...(id !== '' && { id }), name, args }
}

/** What Gemini says of a call whose arguments are broken. */
export function malformedCall(call: Call): string {
  return `Malformed function call: ${call.name}(${call.arguments})`
}
