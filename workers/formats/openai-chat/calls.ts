import { asRecord } from '../as-record.ts'
import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'

/** A call of a tool. */
export type ToolCall = Extract<Part, { kind: 'tool_call' }>

/** Where Google's OpenAI wire keeps the thoughts' signature of a call. Source: Gemini API, "Thought signatures", OpenAI section. */
export function callSignature(call: Json): string | undefined {
  const { thought_signature: signature } = asRecord(asRecord(call.extra_content).google)
  return typeof signature === 'string' ? signature : undefined
}

/** The member that holds such a signature; none where there is none. */
export function encodeSignature(signature: string | undefined): Json {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }
}

/** A call as a message of this wire has it. */
export function encodeCall({ id, name, arguments: args, signature }: ToolCall): Json {
  return { id, type: 'function', function: { name, arguments: args }, ...encodeSignature(signature) }
}
