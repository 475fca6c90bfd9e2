import { asRecord } from '../../formats/as-record.ts'

type Json = Record<string, unknown>

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

// `{name, arguments}`, complete, its arguments an object.
function completeCall({ name, arguments: args }: Json, index: number): Json {
  const text = typeof args === 'string' ? args : JSON.stringify(args ?? {})
  return { index, id: `call_${index}`, type: 'function', function: { name: textOf(name), arguments: text } }
}

// As OpenAI has it: complete, or a piece, of which only the first has an id and a name.
function likeOpenai({ id, function: told }: Json, index: number): Json | undefined {
  const { name, arguments: args } = asRecord(told)
  const piece = { arguments: textOf(args) }
  if (textOf(name) !== '')
    return { index, id: textOf(id) || `call_${index}`, type: 'function', function: { name, ...piece } }
  return piece.arguments === '' ? undefined : { index, function: piece }
}

function asCall(value: unknown, at: number): Json | undefined {
  const call = asRecord(value)
  const index = typeof call.index === 'number' ? call.index : at
  return call.function === undefined ? completeCall(call, index) : likeOpenai(call, index)
}

/** Calls that Cloudflare tells outside of choices, in OpenAI's shape. What closes a call and says nothing is left out. */
export function nativeCalls(calls: unknown): Json[] {
  return Array.isArray(calls) ? calls.map(asCall).filter(call => call !== undefined) : []
}
