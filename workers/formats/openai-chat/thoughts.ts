import { asRecord } from '../as-record.ts'
import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'

/** A model's thoughts, one piece. */
export type Thought = Extract<Part, { kind: 'reasoning' }>

type Detail = { thought: Thought; index: unknown }

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** One entry of OpenRouter's `reasoning_details`: `reasoning.text`, `reasoning.summary` or `reasoning.encrypted`. */
export function decodeDetail(value: unknown): Thought {
  const { text, summary, signature, data, id } = asRecord(value)
  return given({
    kind: 'reasoning' as const,
    text: textOf(text) ?? textOf(summary) ?? '',
    signature: textOf(signature),
    redacted: textOf(data),
    id: textOf(id),
  })
}

// A client that collected a stream sends its fragments: those of one index are one thought.
function continues(last: Detail | undefined, next: Detail): last is Detail {
  if (!last || last.index !== next.index) return false
  return (
    last.thought.signature === undefined && last.thought.redacted === undefined && next.thought.redacted === undefined
  )
}

function joinDetails(details: unknown[]): Thought[] {
  const joined: Detail[] = []
  for (const value of details) {
    const next = { thought: decodeDetail(value), index: asRecord(value).index }
    const last = joined.at(-1)
    if (continues(last, next)) {
      last.thought = { ...last.thought, ...next.thought, text: last.thought.text + next.thought.text }
    } else joined.push(next)
  }
  return joined.map(({ thought }) => thought)
}

/** The text of plain thoughts: DeepSeek's `reasoning_content`, else Groq's and OpenRouter's `reasoning`. */
export function plainThoughts({ reasoning_content, reasoning }: Json): string {
  return textOf(reasoning_content) || textOf(reasoning) || ''
}

/** The thoughts of a message. `reasoning_details`, where they are, say all that `reasoning_content` does. */
export function decodeThoughts(message: Json): Thought[] {
  const { reasoning_details: details } = message
  if (Array.isArray(details) && details.length > 0) return joinDetails(details)
  const text = plainThoughts(message)
  return text === '' ? [] : [{ kind: 'reasoning', text }]
}

/** One entry of `reasoning_details`. `index` tells a stream's thoughts apart. */
export function encodeDetail({ text, signature, redacted, id }: Omit<Thought, 'kind'>, index: number): Json {
  const type = redacted === undefined ? 'reasoning.text' : 'reasoning.encrypted'
  const shown = redacted === undefined || text !== '' ? text : undefined
  return given({ type, text: shown, signature, data: redacted, id, index })
}

function isPlain({ signature, redacted, id }: Thought): boolean {
  return signature === undefined && redacted === undefined && id === undefined
}

/** The members of a message that say its thoughts: their text, and the details where text does not say all. */
export function encodeThoughts(parts: Part[]): Json {
  const thoughts = parts.filter(part => part.kind === 'reasoning')
  const text = thoughts.map(thought => thought.text).join('')
  const needsDetails = thoughts.length > 1 || thoughts.some(thought => !isPlain(thought))
  return given({
    reasoning_content: text || undefined,
    reasoning_details: needsDetails ? thoughts.map(encodeDetail) : undefined,
  })
}
