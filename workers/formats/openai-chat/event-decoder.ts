import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json, StreamDecoder, WireEvent } from '../codec.ts'
import { given } from '../given.ts'
import { decodeAnswerHead } from './decode-answer.ts'
import { decodeError } from './errors.ts'

/** Reads what one event says of one choice. `answerId` is the stream's. */
export type ChoiceReader = (choice: Json, index: number, answerId: string) => ChatDelta[]

function parse(data: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return Array.isArray(value) ? undefined : asRecord(value)
  } catch {
    return undefined
  }
}

function choiceIndex(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0
}

/** OpenRouter tells an HTTP status in `code`; without one, the vendor failed. */
function statusOf(body: Json): number {
  const { code, status } = asRecord(body.error)
  return [code, status].map(plainNumber).find(told => told !== undefined && told >= 400 && told <= 599) ?? 500
}

/** Follows a stream on either of OpenAI's wires: they differ in their choices only. */
export class EventDecoder implements StreamDecoder {
  readonly #readChoice: ChoiceReader
  readonly #open = new Set<number>()
  #id: string | undefined
  #tier: string | undefined
  #isDone = false

  constructor(readChoice: ChoiceReader) {
    this.#readChoice = readChoice
  }

  push({ data }: WireEvent): ChatDelta[] {
    if (this.#isDone) return []
    if (data.trim() === '[DONE]') return this.#finish()
    const body = parse(data)
    if (!body) return []
    const isChunk = Array.isArray(body.choices) && !body.error
    const error = isChunk ? undefined : decodeError(statusOf(body), body)
    if (!error) return this.#readChunk(body)
    this.#isDone = true
    return [{ kind: 'error', status: error.status, code: error.code, message: error.message }]
  }

  /** A stream that ends in the middle of an answer, with neither a reason nor `[DONE]`, was cut off. */
  end(): ChatDelta[] {
    const isWhole = this.#isDone || (this.#id !== undefined && this.#open.size === 0)
    this.#isDone = true
    if (isWhole) return []
    const message = 'The provider ended its stream before its answer was whole.'
    return [{ kind: 'error', status: 502, code: 'stream_cut_off', message }]
  }

  #finish(): ChatDelta[] {
    this.#isDone = true
    return [...this.#open].map(choice => ({ kind: 'finish', choice, finish: 'other' }))
  }

  #readChunk(body: Json): ChatDelta[] {
    const { usage, serviceTier, ...head } = decodeAnswerHead(body)
    const choices = Array.isArray(body.choices) ? body.choices.map(asRecord) : []
    this.#tier = serviceTier ?? this.#tier
    // Azure opens with a chunk that has neither an id nor choices.
    if (!usage && choices.length === 0 && head.id === '') return []
    const start: ChatDelta[] = this.#id === undefined ? [{ kind: 'start', ...head }] : []
    this.#id ??= head.id
    const deltas = choices.flatMap(choice => this.#readOne(choice))
    const told: ChatDelta[] = usage ? [{ kind: 'usage', usage, ...given({ serviceTier: this.#tier }) }] : []
    return [...start, ...deltas, ...told]
  }

  #readOne(choice: Json): ChatDelta[] {
    const index = choiceIndex(choice.index)
    const deltas = this.#readChoice(choice, index, this.#id ?? '')
    if (deltas.some(delta => delta.kind === 'finish')) this.#open.delete(index)
    else if (deltas.length > 0) this.#open.add(index)
    return deltas
  }
}
