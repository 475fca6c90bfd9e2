import type { ChatAsk, ChatDelta } from '../chat.ts'
import type { StreamEncoder } from '../codec.ts'
import { BlockWriter, eventText } from './block-writer.ts'
import { CallWriter } from './call-writer.ts'
import { envelope, textBlock, thoughtBlock } from './encode-answer.ts'
import { encodeError } from './errors.ts'
import { type Ending, encodeEnding } from './finish.ts'
import { given } from './given.ts'
import { sealThought } from './seal.ts'
import { encodeLastUsage, encodeUsage } from './usage.ts'

type Delta<K extends ChatDelta['kind']> = Extract<ChatDelta, { kind: K }>

const BROKEN = { status: 500, code: 'api_error', message: 'The stream ended before its answer did.' }

/** A message as it begins: what it cost is only known at its end. */
function startOf(message: { id: string; model: string }): string {
  const ending = { stop_reason: null, stop_sequence: null, stop_details: null }
  return eventText('message_start', { message: { ...envelope(message), content: [], ...ending, usage: encodeUsage() } })
}

class MessageWriter implements StreamEncoder {
  readonly #model: string
  readonly #blocks = new BlockWriter()
  readonly #calls = new CallWriter(this.#blocks)
  readonly #ending: Omit<Ending, 'finish'> = { hasCall: false, hasRefusal: false }
  #finish: Delta<'finish'> | undefined
  #usage: Delta<'usage'> | undefined
  #thoughtId: string | undefined
  #state: 'waiting' | 'running' | 'over' = 'waiting'

  constructor(ask: ChatAsk) {
    this.#model = ask.model
  }

  push(delta: ChatDelta): string {
    if (this.#state === 'over' || ('choice' in delta && delta.choice !== 0)) return ''
    switch (delta.kind) {
      case 'start':
        return this.#start(delta)
      case 'usage':
        this.#usage = delta
        return ''
      case 'error':
        return this.#fail(delta)
      case 'finish':
        this.#finish ??= delta
        return this.#start() + this.#calls.flush() + this.#blocks.stop()
      default:
        return this.#finish ? '' : this.#start() + this.#content(delta)
    }
  }

  /** The end of the message. Without a reason for it, it is an error: a client must not take half an answer for one. */
  end(): string {
    if (this.#state === 'over') return ''
    if (!this.#finish) return this.#fail(BROKEN)
    this.#state = 'over'
    const delta = { ...encodeEnding({ ...this.#ending, ...this.#finish }), container: null }
    return (
      eventText('message_delta', { delta, usage: encodeLastUsage(this.#usage?.usage, this.#usage?.serviceTier) }) +
      eventText('message_stop')
    )
  }

  #start(message: { id: string; model: string } = { id: '', model: this.#model }): string {
    if (this.#state !== 'waiting') return ''
    this.#state = 'running'
    return startOf(message)
  }

  #fail(error: { status: number; code: string; message: string }): string {
    this.#state = 'over'
    const { type: _, ...members } = encodeError(error)
    return eventText('error', members)
  }

  #content(delta: Exclude<ChatDelta, { kind: 'start' | 'usage' | 'error' | 'finish' }>): string {
    switch (delta.kind) {
      case 'tool_call':
        this.#ending.hasCall = true
        return this.#calls.start(delta)
      case 'tool_arguments':
        return this.#calls.arguments(delta.index, delta.text)
      case 'reasoning':
        return this.#calls.flush() + this.#thought(delta)
      case 'refusal':
        this.#ending.hasRefusal = true
        return this.#calls.flush() + this.#text(delta)
      default:
        return this.#calls.flush() + this.#text(delta)
    }
  }

  #text({ kind, text }: Delta<'text' | 'refusal'>): string {
    if (text === '') return ''
    return this.#blocks.ensure(kind, textBlock('')) + this.#blocks.delta({ type: 'text_delta', text })
  }

  #thought(delta: Delta<'reasoning'>): string {
    if (delta.redacted !== undefined) return this.#blocks.start('redacted', thoughtBlock(delta)) + this.#blocks.stop()
    if (!(delta.text || delta.signature || delta.id)) return ''
    return this.#openThought(delta) + this.#thoughtText(delta.text) + this.#sign(delta)
  }

  #openThought({ id }: Delta<'reasoning'>): string {
    const isNew = this.#blocks.open !== 'thinking' || (id !== undefined && id !== (this.#thoughtId ?? id))
    this.#thoughtId = isNew ? id : (id ?? this.#thoughtId)
    return isNew ? this.#blocks.start('thinking', thoughtBlock({ text: '' })) : ''
  }

  #thoughtText(thinking: string): string {
    return thinking === '' ? '' : this.#blocks.delta({ type: 'thinking_delta', thinking })
  }

  /** A signature ends its thought. It is sent whole: clients keep the last one they get, and do not join them. */
  #sign({ signature }: Delta<'reasoning'>): string {
    const sealed = sealThought(given({ signature, id: this.#thoughtId }))
    if (sealed !== '') this.#blocks.keep({ type: 'signature_delta', signature: sealed })
    return signature ? this.#blocks.stop() : ''
  }
}

/** Writes one stream, its blocks in order and one at a time. */
export function streamEncoder(ask: ChatAsk): StreamEncoder {
  return new MessageWriter(ask)
}
