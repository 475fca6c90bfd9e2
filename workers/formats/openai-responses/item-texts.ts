import { asRecord } from '../as-record.ts'
import type { Json } from '../codec.ts'
import type { EventText } from './event-text.ts'
import { readLogprobs } from './logprobs.ts'

type Kind = EventText['kind']

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asRecord) : []
}

function contentText({
  type,
  text,
  refusal,
  logprobs,
}: Json): Pick<EventText, 'kind' | 'logprobs'> & { text: unknown } {
  if (type === 'refusal') return { kind: 'refusal', text: refusal, logprobs: undefined }
  return { kind: 'text', text, logprobs: readLogprobs(logprobs) }
}

function rawTexts(item: Json) {
  const plain = (kind: Kind) => (entry: Json) => ({ kind, text: entry.text, logprobs: undefined })
  if (item.type === 'message')
    return listOf(item.content)
      .map(contentText)
      .map((text, index) => ({ ...text, index }))
  if (item.type === 'function_call')
    return [{ kind: 'arguments' as const, text: item.arguments, logprobs: undefined, index: 0 }]
  if (item.type !== 'reasoning') return []
  const lists = [listOf(item.summary).map(plain('summary')), listOf(item.content).map(plain('thought'))]
  return lists.flatMap(list => list.map((text, index) => ({ ...text, index })))
}

/** All texts of a whole item. */
export function itemTexts(item: Json, outputIndex: number): EventText[] {
  const itemId = typeof item.id === 'string' ? item.id : undefined
  return rawTexts(item).flatMap(({ text, ...rest }) =>
    typeof text === 'string' ? [{ ...rest, text, outputIndex, itemId, isWhole: true }] : [],
  )
}
