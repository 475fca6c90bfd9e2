import type { ChatAsk, ChatDelta, TokenLogprob } from '../chat.ts'
import type { Json, StreamEncoder } from '../codec.ts'
import { encodeSignature } from './calls.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { encodeFinish } from './finish.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeDetail } from './thoughts.ts'

type Said = Exclude<ChatDelta, { kind: 'start' | 'usage' | 'error' }>
type Told<Kind> = Extract<ChatDelta, { kind: Kind }>

/** Writes the chunks of one choice. */
class ChoiceWriter {
  readonly #index: number
  readonly #isOlder: boolean
  #hasRole = false
  #hasRefusal = false
  #thoughts = 0
  #isThinking = false

  constructor(index: number, isOlder: boolean) {
    this.#index = index
    this.#isOlder = isOlder
  }

  open(): Json {
    this.#hasRole = true
    return this.#chunk({ role: 'assistant', content: '', refusal: null })
  }

  say(delta: Said): Json {
    if (delta.kind !== 'reasoning') this.#endThought()
    if (delta.kind === 'text') return this.#chunk({ content: delta.text }, delta.logprobs)
    if (delta.kind === 'refusal') return this.#refuse(delta)
    if (delta.kind === 'reasoning') return this.#chunk(this.#think(delta))
    if (delta.kind === 'tool_call') return this.#chunk(this.#call(delta))
    if (delta.kind === 'tool_arguments') return this.#chunk(this.#argue(delta))
    return this.#finish(delta)
  }

  #chunk(delta: Json, logprobs?: TokenLogprob[], isRefusal = false): Json {
    const role = this.#hasRole ? {} : { role: 'assistant' }
    this.#hasRole = true
    const told = encodeLogprobs(logprobs, isRefusal)
    return { index: this.#index, delta: { ...role, ...delta }, logprobs: told, finish_reason: null }
  }

  #refuse({ text, logprobs }: Told<'refusal'>): Json {
    this.#hasRefusal = true
    return this.#chunk({ refusal: text }, logprobs, true)
  }

  // Fragments of one thought have one index, by which a client that sends them back has them joined.
  #think(thought: Told<'reasoning'>): Json {
    if (thought.redacted !== undefined) this.#endThought()
    const details = [encodeDetail(thought, this.#thoughts)]
    this.#isThinking = true
    if (thought.signature !== undefined || thought.redacted !== undefined) this.#endThought()
    return { ...(thought.text !== '' && { reasoning_content: thought.text }), reasoning_details: details }
  }

  #endThought(): void {
    if (this.#isThinking) this.#thoughts += 1
    this.#isThinking = false
  }

  #call({ index, id, name, signature }: Told<'tool_call'>): Json {
    const called = { name, arguments: '' }
    if (this.#isOlder && index === 0) return { function_call: called }
    return { tool_calls: [{ index, id, type: 'function', function: called, ...encodeSignature(signature) }] }
  }

  #argue({ index, text }: Told<'tool_arguments'>): Json {
    if (this.#isOlder && index === 0) return { function_call: { arguments: text } }
    return { tool_calls: [{ index, function: { arguments: text } }] }
  }

  #finish({ finish }: Told<'finish'>): Json {
    const reason = encodeFinish(finish, { calls: false, refusal: this.#hasRefusal })
    return { ...this.#chunk({}), finish_reason: this.#isOlder && reason === 'tool_calls' ? 'function_call' : reason }
  }
}

/** Writes a stream of chat completion chunks. Source: OpenAI API reference, The chat completion chunk object. */
export function streamEncoder(ask: ChatAsk): StreamEncoder {
  const chunks = new ChunkWriter('chat.completion.chunk', ask)
  const choices = new Map<number, ChoiceWriter>()
  const choice = (index: number): ChoiceWriter => {
    const writer = choices.get(index) ?? new ChoiceWriter(index, ask.wantsFunctionCall ?? false)
    choices.set(index, writer)
    return writer
  }
  return {
    push(delta) {
      if (delta.kind === 'error') return chunks.fail(delta)
      if (delta.kind === 'usage') {
        chunks.keepUsage(delta)
        return ''
      }
      if (delta.kind !== 'start') return chunks.choice(choice(delta.choice).say(delta))
      chunks.start(delta)
      return chunks.choice(choice(0).open())
    },
    end: () => chunks.end(),
  }
}
