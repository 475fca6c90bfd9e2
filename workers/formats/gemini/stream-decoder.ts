import { parseLossless } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json, StreamDecoder, WireEvent } from '../codec.ts'
import { readPart } from './answer-part.ts'
import { headOf, indexOf, isBlocked, madeCallId, sentParts, tierOf } from './decode-answer.ts'
import { decodeError } from './errors.ts'
import { finishOf } from './finish.ts'
import { readLogprobs } from './logprobs.ts'
import { partDeltas, withLogprobs } from './part-deltas.ts'
import { readUsage } from './usage.ts'

const UNREAL_STATUS = 502

const UNREADABLE = {
  kind: 'error',
  status: UNREAL_STATUS,
  code: 'unreadable',
  message: 'An event cannot be read.',
} as const

const CUT_OFF = {
  kind: 'error',
  status: UNREAL_STATUS,
  code: 'stream_cut_off',
  message: 'The provider ended its stream before its answer was whole.',
} as const

function parse(data: string): Json {
  try {
    return asRecord(parseLossless(data))
  } catch {
    return {}
  }
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(asRecord) : []
}

/** Reads the events of `streamGenerateContent?alt=sse`, each of which is an answer of its own shape with what is new. */
export class GeminiStreamDecoder implements StreamDecoder {
  #answerId: string | undefined
  #isOver = false
  readonly #calls = new Map<number, number>()
  // Some models name a reason in every event, so that only the last one is why it ended.
  readonly #reasons = new Map<number, unknown>()

  push({ data }: WireEvent): ChatDelta[] {
    if (this.#isOver) return []
    const deltas = this.#tryRead(parse(data))
    const error = deltas.findIndex(delta => delta.kind === 'error')
    this.#isOver = error >= 0
    return this.#isOver ? deltas.slice(0, error + 1) : deltas
  }

  end(): ChatDelta[] {
    if (this.#isOver) return []
    this.#isOver = true
    if (this.#reasons.size === 0) return [CUT_OFF]
    const ended = [...this.#reasons].toSorted(([a], [b]) => a - b)
    return ended.map(([choice, reason]) => {
      const finish = finishOf(reason, this.#calls.has(choice))
      return { kind: 'finish', choice, finish }
    })
  }

  // JSON nested deeper than the stack parses, and cannot be printed.
  #tryRead(body: Json): ChatDelta[] {
    try {
      return this.#read(body)
    } catch {
      return [UNREADABLE]
    }
  }

  #read(body: Json): ChatDelta[] {
    const error = decodeError(UNREAL_STATUS, body)
    if (error) return [{ kind: 'error', status: error.status, code: error.code, message: error.message }]
    const candidates = listOf(body.candidates)
    const usage = readUsage(body.usageMetadata)
    if (candidates.length === 0 && !usage && !isBlocked(body)) return []
    if (candidates.length === 0 && isBlocked(body)) this.#reasons.set(0, 'SAFETY')
    const start = this.#start(body)
    const deltas = candidates.flatMap(candidate => this.#readCandidate(candidate))
    return [...start, ...deltas, ...(usage ? [{ kind: 'usage' as const, usage, ...tierOf(body.usageMetadata) }] : [])]
  }

  #start(body: Json): ChatDelta[] {
    if (this.#answerId !== undefined) return []
    const head = headOf(body)
    this.#answerId = head.id
    return [{ kind: 'start', ...head }]
  }

  #readCandidate(candidate: Json): ChatDelta[] {
    const choice = indexOf(candidate)
    const { finishReason } = candidate
    if (typeof finishReason === 'string') this.#reasons.set(choice, finishReason)
    const deltas = sentParts(candidate).flatMap(part => this.#readPart(part, choice))
    return withLogprobs(deltas, choice, readLogprobs(candidate.logprobsResult))
  }

  #readPart(part: unknown, choice: number): ChatDelta[] {
    const callIndex = this.#calls.get(choice) ?? 0
    const nameCall = () => {
      this.#calls.set(choice, callIndex + 1)
      return madeCallId(this.#answerId ?? '', choice, callIndex)
    }
    return readPart(part, nameCall).flatMap(one => partDeltas(one, { choice, callIndex }))
  }
}
