import { parseLossless } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { ChatDelta } from '../chat.ts'
import type { Json, StreamDecoder, WireError, WireEvent } from '../codec.ts'
import { BlockReader } from './block-reader.ts'
import { explanationOf, textOf } from './decode-answer.ts'
import { decodeError, statusOf } from './errors.ts'
import { decodeFinish } from './finish.ts'
import { given } from './given.ts'
import { decodeToldTier } from './service-tier.ts'
import { decodeUsage } from './usage.ts'

const BROKEN = { code: 'api_error', message: 'The stream ended before its message did.' }

const isAbsent = (value: unknown) => value === undefined || value === null

function presentOnly(members: Json): Json {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isAbsent(value)))
}

function finishOf(delta: Json): ChatDelta[] {
  const text = explanationOf(delta.stop_details)
  const refusal: ChatDelta[] = text === '' ? [] : [{ kind: 'refusal', choice: 0, text }]
  const stopSequence = typeof delta.stop_sequence === 'string' ? delta.stop_sequence : undefined
  return [...refusal, given({ kind: 'finish', choice: 0, finish: decodeFinish(delta.stop_reason), stopSequence })]
}

class MessageReader implements StreamDecoder {
  #state: 'waiting' | 'running' | 'finished' | 'over' = 'waiting'
  #usage: Json = {}
  readonly #blocks = new BlockReader()

  push({ data, event }: WireEvent): ChatDelta[] {
    if (this.#state === 'over') return []
    // What is no JSON, or nested deeper than the stack is, says nothing.
    try {
      const members = asRecord(parseLossless(data))
      return this.#read(typeof members.type === 'string' ? members.type : event, members)
    } catch {
      return []
    }
  }

  end(): ChatDelta[] {
    return this.#state === 'over' || this.#state === 'finished' ? [] : this.#fail(BROKEN)
  }

  #read(type: string | undefined, data: Json): ChatDelta[] {
    switch (type) {
      case 'message_start':
        return this.#start(asRecord(data.message))
      case 'content_block_start':
        return this.#content(() => this.#blocks.start(data.index, asRecord(data.content_block)))
      case 'content_block_delta':
        return this.#content(() => this.#blocks.delta(data.index, asRecord(data.delta)))
      case 'content_block_stop':
        return this.#content(() => this.#blocks.stop(data.index))
      case 'message_delta':
        return this.#finish(asRecord(data.delta), asRecord(data.usage))
      case 'message_stop':
        return this.#stop()
      case 'error':
        return this.#fail(decodeError(0, data) ?? { ...BROKEN, message: 'The stream ended with an error.' })
      default:
        return []
    }
  }

  #start(message: Json): ChatDelta[] {
    if (this.#state !== 'waiting') return []
    this.#state = 'running'
    this.#usage = presentOnly(asRecord(message.usage))
    return [{ kind: 'start', id: textOf(message.id), model: textOf(message.model), createdMs: 0 }]
  }

  /** Content before the message's start, which a vendor may have lost, makes one; after its end it is nothing. */
  #content(read: () => ChatDelta[]): ChatDelta[] {
    if (this.#state === 'finished') return []
    const deltas = read()
    return deltas.length > 0 ? [...this.#start({}), ...deltas] : []
  }

  #finish(delta: Json, usage: Json): ChatDelta[] {
    const start = this.#start({})
    // Counters are totals, and one that a later event leaves out stands.
    this.#usage = { ...this.#usage, ...presentOnly(usage) }
    return [...start, ...this.#finishOnce(delta), ...this.#usageDelta()]
  }

  #finishOnce(delta: Json): ChatDelta[] {
    if (isAbsent(delta.stop_reason) || this.#state === 'finished') return []
    this.#state = 'finished'
    return [...this.#blocks.stopAll(), ...finishOf(delta)]
  }

  #usageDelta(): ChatDelta[] {
    const usage = decodeUsage(this.#usage)
    return usage ? [given({ kind: 'usage', usage, serviceTier: decodeToldTier(this.#usage.service_tier) })] : []
  }

  #stop(): ChatDelta[] {
    if (this.#state === 'finished') this.#state = 'over'
    return []
  }

  #fail({ code, message, type = code }: Pick<WireError, 'code' | 'message' | 'type'>): ChatDelta[] {
    this.#state = 'over'
    return [{ kind: 'error', status: statusOf(type), code, message }]
  }
}

/** Reads one stream. One that ends without a stop reason ends with an error. */
export function streamDecoder(): StreamDecoder {
  return new MessageReader()
}
