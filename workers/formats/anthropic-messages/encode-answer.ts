import type { ChatAnswer, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { encodeEnding } from './finish.ts'
import { sealCallId, sealThought } from './seal.ts'
import { inputOf } from './tool-input.ts'
import { encodeUsage } from './usage.ts'

/** A block of text as an answer has it. */
export function textBlock(text: string) {
  return { type: 'text', text, citations: null }
}

/** A block of a thought; hidden where its vendor hides the text. */
export function thoughtBlock(part: Omit<Extract<Part, { kind: 'reasoning' }>, 'kind'>) {
  if (part.redacted !== undefined) return { type: 'redacted_thinking', data: part.redacted }
  return { type: 'thinking', thinking: part.text, signature: sealThought(part) }
}

/** A block of a call. */
export function callBlock(call: { id: string; signature?: string; name: string }, input: Json) {
  return { type: 'tool_use', id: sealCallId(call), name: call.name, input, caller: { type: 'direct' } }
}

// An answer is paid for by now: what this wire has no block for is named in a text, and not refused.
function encodePart(part: Part): Json {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return textBlock(part.text)
    case 'reasoning':
      return thoughtBlock(part)
    case 'tool_call':
      return callBlock(part, inputOf(part.arguments))
    default:
      return textBlock(`[${part.kind}: an answer on this wire cannot have it]`)
  }
}

function encodeChoice({ parts, ...choice }: Choice) {
  const has = (kind: Part['kind']) => parts.some(part => part.kind === kind)
  return {
    content: parts.map(encodePart),
    ...encodeEnding({ ...choice, hasCall: has('tool_call'), hasRefusal: has('refusal') }),
  }
}

/** A message without its content, as an answer and a stream begin. */
export function envelope({ id, model }: { id: string; model: string }) {
  return { id, type: 'message', role: 'assistant', model, container: null, diagnostics: null }
}

/** A whole answer: its first choice, since no ask on this wire has more. */
export function encodeAnswer(answer: ChatAnswer): Json {
  const choice = answer.choices[0] ?? { index: 0, parts: [], finish: 'other' }
  return { ...envelope(answer), ...encodeChoice(choice), usage: encodeUsage(answer.usage, answer.serviceTier) }
}
