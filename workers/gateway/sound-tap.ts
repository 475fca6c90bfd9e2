import { parseEvent } from '../providers/parse-event.ts'
import type { StreamReader } from '../providers/port.ts'
import { SseEvents } from './sse-events.ts'
import type { Tap } from './stream-tap.ts'

function decoded(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), character => character.charCodeAt(0))
}

/** Passes sound on as it comes. */
export const PLAIN_SOUND: Tap = { push: chunk => [chunk], end: () => [], cutOff: () => [], fail: () => [] }

/** Reads sound that comes in events, since only those tell its usage, and gives the client the sound itself. */
export class SoundTap implements Tap {
  readonly #events = new SseEvents()
  readonly #reader: StreamReader

  constructor(reader: StreamReader) {
    this.#reader = reader
  }

  push(chunk: Uint8Array): Uint8Array[] {
    return this.#events.push(chunk).flatMap(({ data }) => this.#hear(data))
  }

  // Sound has no last byte by which a client could tell that it is whole.
  end(): Uint8Array[] {
    const last = this.#events.last()
    const sound = last ? this.#hear(last.data) : []
    if (!this.#reader.hasEnded()) throw new Error('the sound ended before its last event')
    return sound
  }

  cutOff(): Uint8Array[] {
    return []
  }

  fail(): Uint8Array[] {
    return []
  }

  #hear(data: string): Uint8Array[] {
    this.#reader.read(data)
    const { type, audio } = parseEvent(data)
    return type === 'speech.audio.delta' && typeof audio === 'string' ? [decoded(audio)] : []
  }
}
