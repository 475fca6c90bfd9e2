import type { AnswerUsage, ChatAsk, ChatDelta, Finish } from '../chat.ts'
import type { Json, StreamEncoder } from '../codec.ts'
import { endingOf } from './finish.ts'
import { OutputWriter } from './output-writer.ts'
import { type ResponseState, responseObject } from './response-object.ts'
import { encodeError } from './wire-error.ts'

type Of<K extends ChatDelta['kind']> = Extract<ChatDelta, { kind: K }>

/**
 * Writes a stream. The last event repeats the whole answer, so all of it is kept until then; and it has the usage, which
 * may come after the end of the answer, so it waits for `end`. Source: OpenAI API reference, Responses, streaming events.
 */
export class ResponsesStreamEncoder implements StreamEncoder {
  readonly #ask: ChatAsk
  #sequence = 0
  #start: Of<'start'> | undefined
  #writer = new OutputWriter('')
  #finish: Finish | undefined
  #usage: AnswerUsage | undefined
  #serviceTier: string | undefined
  #isOver = false

  constructor(ask: ChatAsk) {
    this.#ask = ask
  }

  push(delta: ChatDelta): string {
    if (this.#isOver) return ''
    if (delta.kind === 'start') return this.#begin(delta)
    if (delta.kind === 'usage') return this.#keepUsage(delta)
    if (delta.kind === 'error') return this.#fail(delta)
    if (delta.choice !== 0 || this.#finish) return ''
    return delta.kind === 'finish' ? this.#close(delta.finish) : this.#say(this.#writer.push(delta))
  }

  /** The last event. A stream that ended without saying why is incomplete, for no reason that this wire has. */
  end(): string {
    if (this.#isOver || !this.#start) return ''
    const closed = this.#finish ? '' : this.#close('other')
    this.#isOver = true
    const { status, ...ending } = endingOf(this.#finish ?? 'other', this.#writer.contains)
    return closed + this.#tell(status, ending)
  }

  #begin(delta: Of<'start'>): string {
    if (this.#start) return ''
    this.#start = delta
    this.#writer = new OutputWriter(delta.id)
    const response = this.#response({ status: 'in_progress' })
    return this.#say([
      { type: 'response.created', response },
      { type: 'response.in_progress', response },
    ])
  }

  #keepUsage({ usage, serviceTier }: Of<'usage'>): string {
    this.#usage = usage
    this.#serviceTier = serviceTier ?? this.#serviceTier
    return ''
  }

  #close(finish: Finish): string {
    this.#finish = finish
    return this.#say(this.#writer.close(endingOf(finish, this.#writer.contains).status))
  }

  // The reference has the error's members beside the type, OpenAI itself sends them in `error`, where clients look.
  #fail({ status, code, message }: Of<'error'>): string {
    this.#isOver = true
    const told = { type: 'error', code, message, param: null, ...encodeError({ status, code, message }) }
    return this.#say([told]) + this.#tell('failed', { error: { code, message } })
  }

  #tell(status: ResponseState['status'], members: Partial<ResponseState>): string {
    if (!this.#start) return ''
    return this.#say([{ type: `response.${status}`, response: this.#response({ status, ...members }) }])
  }

  #response(members: Partial<ResponseState> & Pick<ResponseState, 'status'>): Json {
    const { id = '', model = '', createdMs = 0 } = this.#start ?? {}
    const so = { output: this.#writer.items, usage: this.#usage, serviceTier: this.#serviceTier }
    return responseObject({ id, model, createdMs, ...so, ...members }, this.#ask)
  }

  #say(events: Json[]): string {
    return events.map(event => this.#print(event)).join('')
  }

  #print({ type, ...members }: Json): string {
    const data = JSON.stringify({ type, sequence_number: this.#sequence++, ...members })
    return `event: ${type}\ndata: ${data}\n\n`
  }
}
