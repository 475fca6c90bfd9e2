import type { ChatAsk, ChatDelta } from '../chat.ts'
import type { Json, StreamEncoder } from '../codec.ts'
import { callJson, thoughtJson } from './answer-part.ts'
import { CallCollector } from './call-collector.ts'
import { argsOf, type Call, malformedCall } from './call-part.ts'
import type { Head } from './decode-answer.ts'
import { contentOf, headJson, usageJson } from './encode-answer.ts'
import { encodeError } from './errors.ts'
import { finishJson } from './finish.ts'
import { writeLogprobs } from './logprobs.ts'
import type { Frame } from './stream-frame.ts'

type Of<Kind extends ChatDelta['kind']> = Extract<ChatDelta, { kind: Kind }>
type Open = { calls: CallCollector; broken: string[] }

/**
 * Writes a stream: each event is an answer of its own with what is new. Calls leave when they are whole. Why the choices
 * ended and the usage are in the last event, as they are with Gemini.
 */
export class GeminiStreamEncoder implements StreamEncoder {
  readonly #frame: Frame
  #head: Head
  #isOver = false
  #usage: Of<'usage'> | undefined
  readonly #open = new Map<number, Open>()
  readonly #finished = new Map<number, Of<'finish'>>()

  constructor(ask: ChatAsk, frame: Frame) {
    this.#frame = frame
    this.#head = { id: '', model: ask.model, createdMs: 0 }
  }

  push(delta: ChatDelta): string {
    if (this.#isOver) return ''
    switch (delta.kind) {
      case 'start':
        this.#head = { id: delta.id, model: delta.model, createdMs: delta.createdMs }
        return ''
      case 'usage':
        this.#usage = delta
        return ''
      case 'finish':
        this.#finished.set(delta.choice, delta)
        return this.#calls(delta.choice, this.#choice(delta.choice).calls.rest())
      case 'error':
        return this.#fail(delta)
      default:
        return this.#part(delta)
    }
  }

  end(): string {
    if (this.#isOver) return this.#frame.end()
    this.#isOver = true
    const unfinished = [...this.#open].map(([choice, { calls }]) => this.#calls(choice, calls.rest()))
    return unfinished.join('') + this.#last() + this.#frame.end()
  }

  #choice(choice: number): Open {
    const open = this.#open.get(choice) ?? { calls: new CallCollector(), broken: [] }
    this.#open.set(choice, open)
    return open
  }

  #part(delta: Of<'text' | 'refusal' | 'reasoning' | 'tool_call' | 'tool_arguments'>): string {
    const { choice } = delta
    switch (delta.kind) {
      case 'tool_call':
        this.#choice(choice).calls.begin(delta)
        return ''
      case 'tool_arguments':
        return this.#calls(choice, this.#choice(choice).calls.add(delta.index, delta.text))
      case 'reasoning':
        return this.#event(choice, thoughtJson(delta), {})
      case 'refusal':
        return this.#event(choice, { text: delta.text }, {})
      default:
        return this.#event(choice, { text: delta.text }, writeLogprobs(delta.logprobs))
    }
  }

  #event(index: number, part: Json, more: Json): string {
    this.#choice(index)
    return this.#frame.event({ candidates: [{ content: contentOf([part]), index, ...more }], ...headJson(this.#head) })
  }

  #calls(choice: number, calls: Call[]): string {
    return calls.map(call => this.#call(choice, call)).join('')
  }

  #call(choice: number, call: Call): string {
    const args = argsOf(call.arguments)
    if (args) return this.#event(choice, callJson(call, args), {})
    this.#choice(choice).broken.push(malformedCall(call))
    return ''
  }

  // A stream that broke off has no reason to end, and must not be given one.
  #last(): string {
    const candidates = [...this.#finished].map(([index, { finish }]) => {
      return { content: contentOf([]), ...finishJson(finish, this.#choice(index).broken), index }
    })
    const usage = this.#usage ? usageJson(this.#usage.usage, this.#usage.serviceTier) : {}
    if (candidates.length === 0 && !this.#usage) return ''
    return this.#frame.event({ ...(candidates.length > 0 && { candidates }), ...usage, ...headJson(this.#head) })
  }

  #fail({ status, code, message }: Of<'error'>): string {
    this.#isOver = true
    return this.#frame.event(encodeError({ status, code, message }))
  }
}
