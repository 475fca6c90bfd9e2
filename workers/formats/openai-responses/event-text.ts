import type { TokenLogprob } from '../chat.ts'
import type { Json } from '../codec.ts'
import { readLogprobs } from './logprobs.ts'

/**
 * A text of a stream, or a piece of it. `index`: of the part in its item; `isWhole`: all of it, not what comes next.
 */
export type EventText = {
  kind: 'text' | 'refusal' | 'summary' | 'thought' | 'arguments'
  outputIndex: number
  index: number
  itemId: string | undefined
  text: string
  isWhole: boolean
  logprobs: TokenLogprob[] | undefined
}

type Source = { kind: EventText['kind']; member: string }

const WHOLE: Record<string, Source> = {
  'response.output_text.done': { kind: 'text', member: 'text' },
  'response.refusal.done': { kind: 'refusal', member: 'refusal' },
  'response.reasoning_summary_text.done': { kind: 'summary', member: 'text' },
  'response.reasoning_text.done': { kind: 'thought', member: 'text' },
  'response.function_call_arguments.done': { kind: 'arguments', member: 'arguments' },
}

const DELTA_END = '.delta'

function sourceOf(type: string): Source | undefined {
  const isDelta = type.endsWith(DELTA_END)
  const name = isDelta ? `${type.slice(0, -DELTA_END.length)}.done` : type
  const source = Object.hasOwn(WHOLE, name) ? WHOLE[name] : undefined
  return source && isDelta ? { ...source, member: 'delta' } : source
}

/** An index; garbage is the first. */
export function readIndex(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

/** The text in an event; `undefined` where it has none. */
export function readEventText(type: string, event: Json): EventText | undefined {
  const source = sourceOf(type)
  const text = source && event[source.member]
  if (!source || typeof text !== 'string') return undefined
  return {
    kind: source.kind,
    outputIndex: readIndex(event.output_index),
    index: readIndex(event.content_index ?? event.summary_index),
    itemId: typeof event.item_id === 'string' ? event.item_id : undefined,
    text,
    isWhole: source.member !== 'delta',
    logprobs: readLogprobs(event.logprobs),
  }
}
