import type { ChatAsk, ChatDelta } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { seconds } from './encode-answer.ts'
import { encodeError } from './errors.ts'
import { encodeUsage } from './usage.ts'

type Told<Kind> = Extract<ChatDelta, { kind: Kind }>

function say(event: Json): string {
  return `data: ${JSON.stringify(event)}\n\n`
}

/** Writes what the streams of both of OpenAI's wires have in common: heads, usage, errors, and the end. */
export class ChunkWriter {
  readonly #object: 'chat.completion.chunk' | 'text_completion'
  readonly #wantsUsage: boolean
  #head: Json
  #usage: Told<'usage'> | undefined
  #isBroken = false

  constructor(object: 'chat.completion.chunk' | 'text_completion', ask: ChatAsk) {
    this.#object = object
    this.#wantsUsage = ask.wantsStreamUsage ?? false
    this.#head = { id: '', object, created: 0, model: ask.model }
  }

  start({ id, model, createdMs }: Told<'start'>): void {
    this.#head = { id, object: this.#object, created: seconds(createdMs), model }
  }

  /** Where usage is asked for, every chunk but the last says that it has none. */
  choice(choice: Json): string {
    return this.#isBroken ? '' : say({ ...this.#head, choices: [choice], ...(this.#wantsUsage && { usage: null }) })
  }

  /** Kept for the last chunk: usage may be told at any time, and more than once. */
  keepUsage(usage: Told<'usage'>): void {
    this.#usage = usage
  }

  /** Nothing comes after it. */
  fail({ status, code, message }: Told<'error'>): string {
    if (this.#isBroken) return ''
    this.#isBroken = true
    return say(encodeError({ status, code, message }))
  }

  end(): string {
    if (this.#isBroken) return ''
    const { usage, serviceTier } = this.#usage ?? {}
    const last = { ...this.#head, choices: [], ...given({ service_tier: serviceTier }) }
    const told = usage && this.#wantsUsage ? say({ ...last, usage: encodeUsage(usage) }) : ''
    return `${told}data: [DONE]\n\n`
  }
}
