import { asRecord } from '../as-record.ts'
import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { parseSeal } from './seal.ts'

type ReasoningPart = Extract<Part, { kind: 'reasoning' }>

/** Between the pieces of one summary, which have paragraphs of their own. */
export const BETWEEN_THOUGHTS = '\n\n'

function textsOf(list: unknown): string[] {
  const texts = Array.isArray(list) ? list.map(each => asRecord(each).text) : []
  return texts.filter(text => typeof text === 'string')
}

/** A reasoning item's thoughts, its summary before the rest. A part without text and seal says nothing. */
export function readReasoning(item: Json): ReasoningPart {
  const text = [...textsOf(item.summary), ...textsOf(item.content)].join(BETWEEN_THOUGHTS)
  const id = typeof item.id === 'string' ? item.id : undefined
  return { kind: 'reasoning', text, ...sealMember(item.encrypted_content), ...given({ id }) }
}

function sealMember(encrypted: unknown): { signature?: string; redacted?: string } {
  if (typeof encrypted !== 'string' || encrypted === '') return {}
  const seal = parseSeal(encrypted)
  // A call's signature keeps its mark until the call is found; see `signCalls`.
  if (seal.kind === 'call') return { signature: encrypted }
  return { [seal.kind]: seal.data }
}

/** Whether anything would be lost with it. */
export function saysAnything({ text, signature, redacted }: ReasoningPart): boolean {
  return text !== '' || signature !== undefined || redacted !== undefined
}

/** An assistant's parts with each signature that was sent ahead of its call put back into the call. */
export function signCalls(parts: Part[]): Part[] {
  const signed: Part[] = []
  let signature: string | undefined
  for (const part of parts) {
    const seal = part.kind === 'reasoning' ? parseSeal(part.signature ?? '') : undefined
    if (seal?.kind === 'call') signature = seal.data
    else if (part.kind === 'tool_call') signed.push({ ...part, ...given({ signature }) })
    else signed.push(part)
    if (part.kind === 'tool_call') signature = undefined
  }
  return signed
}

/** The summary that a reasoning item has for a text. */
export function summaryOf(text: string): Json[] {
  return text === '' ? [] : [{ type: 'summary_text', text }]
}
