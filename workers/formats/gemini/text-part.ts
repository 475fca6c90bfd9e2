import type { Part } from '../chat.ts'
import { unwrapSeal } from './signature.ts'

/** A part's text as it travels. */
export type SentText = { text: string; isThought: boolean; thoughtSignature: string | undefined }

type Reasoning = Extract<Part, { kind: 'reasoning' }>

/**
 * A text, a thought, or both: what signs a text that is no thought is a thought without words behind it, so that every
 * wire that can carry thoughts brings it back. An empty text is nothing.
 */
export function textParts({ text, isThought, thoughtSignature }: SentText): Part[] {
  const seal = unwrapSeal(thoughtSignature)
  const isSealed = Object.keys(seal).length > 0
  if (isThought) return text !== '' || isSealed ? [{ kind: 'reasoning', text, ...seal }] : []
  const texts: Part[] = text === '' ? [] : [{ kind: 'text', text }]
  return isSealed ? [...texts, { kind: 'reasoning', text: '', ...seal }] : texts
}

function isOneThought(before: Reasoning, after: Reasoning): boolean {
  const isSealed = before.signature !== undefined || before.redacted !== undefined || after.redacted !== undefined
  return !isSealed && (before.id === undefined || after.id === undefined || before.id === after.id)
}

function join(before: Part | undefined, after: Part): Part | undefined {
  if (before?.kind === 'text' && after.kind === 'text') return { ...before, text: before.text + after.text }
  if (before?.kind !== 'reasoning' || after.kind !== 'reasoning' || !isOneThought(before, after)) return undefined
  return { ...before, ...after, text: before.text + after.text }
}

/**
 * A model's parts, whole again: who read a stream sends each of its chunks back as a part, and the signature of a thought
 * came after its last word.
 */
export function joinPieces(parts: Part[]): Part[] {
  const joined: Part[] = []
  for (const part of parts) {
    const one = join(joined.at(-1), part)
    if (one) joined[joined.length - 1] = one
    else joined.push(part)
  }
  return joined
}
