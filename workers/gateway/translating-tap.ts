import type { StreamDecoder, StreamEncoder, WireError } from '../formats/codec.ts'
import type { StreamReader } from '../providers/port.ts'
import { type SseEvent, SseEvents } from './sse-events.ts'
import type { Tap } from './stream-tap.ts'
import { identifiedDelta, type Translation } from './translate.ts'

const utf8 = new TextEncoder()

/** Reads a stream of the provider's and says it to the client in the client's own words. */
export class TranslatingTap implements Tap {
  readonly #events = new SseEvents()
  readonly #reader: StreamReader
  readonly #decoder: StreamDecoder
  readonly #encoder: StreamEncoder
  readonly #translation: Translation

  constructor(reader: StreamReader, translation: Translation) {
    const { ask, from, to } = translation
    this.#reader = reader
    this.#translation = translation
    this.#decoder = to.streamDecoder()
    this.#encoder = from.streamEncoder(ask)
  }

  push(chunk: Uint8Array): Uint8Array[] {
    return this.#say(
      this.#events
        .push(chunk)
        .map(event => this.#hear(event))
        .join(''),
    )
  }

  end(): Uint8Array[] {
    const last = this.#events.last()
    const heard = last ? this.#hear(last) : ''
    const ended = this.#decoder.end().map(delta => this.#encoder.push(delta))
    return this.#say(heard + ended.join('') + this.#encoder.end())
  }

  // In the client's words: as if the output cap had been reached.
  cutOff(inputTokens: number): Uint8Array[] {
    const outputTokens = this.#reader.countOutput()
    const none = { cachedInputTokens: 0, cacheWriteTokens: 0, cacheWrite1hTokens: 0, reasoningTokens: 0 }
    const usage = { inputTokens, outputTokens, ...none, inputAudioTokens: 0, outputAudioTokens: 0 }
    const told = this.#encoder.push({ kind: 'finish', choice: 0, finish: 'length' })
    return this.#say(told + this.#encoder.push({ kind: 'usage', usage }) + this.#encoder.end())
  }

  fail(error: WireError): Uint8Array[] {
    return this.#say(this.#encoder.push({ kind: 'error', ...error }) + this.#encoder.end())
  }

  #hear({ event, data }: SseEvent): string {
    this.#reader.read(data)
    const deltas = this.#decoder.push(event === undefined ? { data } : { event, data })
    return deltas.map(delta => this.#encoder.push(identifiedDelta(delta, this.#translation))).join('')
  }

  #say(text: string): Uint8Array[] {
    return text === '' ? [] : [utf8.encode(text)]
  }
}
