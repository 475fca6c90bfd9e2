import type { WireError } from '../formats/codec.ts'
import type { FormatName } from '../formats/format-name.ts'
import type { StreamReader } from '../providers/port.ts'
import type { Ask } from './ask.ts'
import { type SseEvent, SseEvents } from './sse-events.ts'
import { streamError } from './stream-error.ts'

const utf8 = new TextEncoder()

/** What stands in a stream's way: it reads what passes, and says what the client gets. */
export type Tap = {
  /** What to pass on for a chunk of the provider's. */
  push(chunk: Uint8Array): Uint8Array[]
  /** What to pass on at the provider's end. */
  end(): Uint8Array[]
  /** What to pass on instead of the rest, where Weir ends the stream. */
  cutOff(inputTokens: number): Uint8Array[]
  /** What to pass on instead of the rest, where the stream fails. */
  fail(error: WireError): Uint8Array[]
}

/**
 * Reads a stream on its way to the client, event by event, and leaves out the usage event where the client did not ask for
 * it. Passes on whole events only, so that a stream can be ended between any two.
 */
export class StreamTap implements Tap {
  readonly #events = new SseEvents()
  readonly #reader: StreamReader
  readonly #keepsUsage: boolean
  readonly #format: FormatName

  constructor(reader: StreamReader, { keepsUsage, format }: Pick<Ask, 'keepsUsage' | 'format'>) {
    this.#reader = reader
    this.#keepsUsage = keepsUsage
    this.#format = format
  }

  /** The bytes to pass on for a chunk: untouched where nothing has to be left out. */
  push(chunk: Uint8Array): Uint8Array[] {
    const events = this.#events.push(chunk)
    const kept = events.filter(event => this.#isKept(event))
    if (kept.length < events.length && !this.#keepsUsage) return kept.map(event => event.bytes)
    return events.length > 0 ? [this.#events.whole()] : []
  }

  /** The events that end a stream here as its wire ends one that has grown too long. */
  cutOff(inputTokens: number): Uint8Array[] {
    const withUsage = this.#keepsUsage
    return [utf8.encode(this.#reader.cutOff({ withUsage, inputTokens }))]
  }

  /** The event by which this wire tells a failure; without the usage of what was told before it. */
  fail(error: WireError): Uint8Array[] {
    return [utf8.encode(streamError(this.#format, error))]
  }

  /** The bytes to pass on at the end: a last event that no blank line ended. */
  end(): Uint8Array[] {
    const last = this.#events.last()
    const isKept = !last || this.#isKept(last) || this.#keepsUsage
    const rest = this.#events.rest()
    return isKept && rest.length > 0 ? [rest] : []
  }

  // Every event has to be read, also where all are kept.
  #isKept(event: SseEvent): boolean {
    const { isUsageOnly } = this.#reader.read(event.data)
    return !isUsageOnly
  }
}
