import type { StreamReader } from '../providers/port.ts'
import { type SseEvent, SseEvents } from './sse-events.ts'

/** What stands in a stream's way: it reads what passes, and says what the client gets. */
export type Tap = {
  /** What to pass on for a chunk of the provider's. */
  push(chunk: Uint8Array): Uint8Array[]
  /** What to pass on at the provider's end. */
  end(): Uint8Array[]
  /** What to pass on instead of the rest, where Weir ends the stream. */
  cutOff(inputTokens: number): Uint8Array[]
}

/**
 * Reads a stream on its way to the client, event by event, and leaves out the usage event where the client did not ask for
 * it. Passes on whole events only, so that a stream can be ended between any two.
 */
export class StreamTap implements Tap {
  readonly #events = new SseEvents()
  readonly #reader: StreamReader
  readonly #keepsUsage: boolean

  constructor(reader: StreamReader, keepsUsage: boolean) {
    this.#reader = reader
    this.#keepsUsage = keepsUsage
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
    return [new TextEncoder().encode(this.#reader.cutOff({ withUsage, inputTokens }))]
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
