import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json, StreamDecoder, WireEvent } from '../codec.ts'
import { createdMsOf } from './decode-answer.ts'
import { finishOf } from './finish.ts'
import { ItemReader } from './item-reader.ts'
import { readUsage } from './usage.ts'
import { readError, statusOfCode } from './wire-error.ts'

function parse(data: string): Json {
  try {
    return asRecord(JSON.parse(data))
  } catch {
    return {}
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Reads a stream of typed events. What it does not know it passes over. */
export class ResponsesStreamDecoder implements StreamDecoder {
  readonly #items = new ItemReader()
  #isStarted = false
  #isOver = false

  push({ event, data }: WireEvent): ChatDelta[] {
    if (this.#isOver) return []
    const members = parse(data)
    const type = textOf(members.type) || textOf(event)
    const response = asRecord(members.response)
    if (type === 'error') return this.#started(response, this.#fail(members))
    if (isLast(type)) return this.#started(response, this.#finish(type, response))
    return this.#started(response, this.#items.read(type, members))
  }

  /** A stream without a last event was broken off. */
  end(): ChatDelta[] {
    if (this.#isOver) return []
    this.#isOver = true
    const message = 'The provider ended the stream before the answer was whole.'
    return this.#started({}, [{ kind: 'error', status: 502, code: 'stream_broken', message }])
  }

  #started(response: Json, deltas: ChatDelta[]): ChatDelta[] {
    const isFirst = response.id !== undefined || deltas.length > 0
    if (this.#isStarted || !isFirst) return deltas
    this.#isStarted = true
    const { id, model } = response
    return [{ kind: 'start', id: textOf(id), model: textOf(model), createdMs: createdMsOf(response) }, ...deltas]
  }

  #finish(type: string, response: Json): ChatDelta[] {
    const usage = readUsage(response.usage)
    const tier = typeof response.service_tier === 'string' ? { serviceTier: response.service_tier } : {}
    const told: ChatDelta[] = usage ? [{ kind: 'usage', usage, ...tier }] : []
    if (type === 'response.failed') return [...told, ...this.#fail(response)]
    this.#isOver = true
    const status = type.slice('response.'.length)
    const { reason } = asRecord(response.incomplete_details)
    return [...told, { kind: 'finish', choice: 0, finish: finishOf(status, reason, this.#items.contains) }]
  }

  #fail(members: Json): ChatDelta[] {
    this.#isOver = true
    const error = readError(500, members)
    const { code = 'unknown', message = 'The provider failed and did not say why.' } = error ?? {}
    return [{ kind: 'error', status: statusOfCode(code), code, message }]
  }
}

function isLast(type: string): boolean {
  return type === 'response.completed' || type === 'response.incomplete' || type === 'response.failed'
}
