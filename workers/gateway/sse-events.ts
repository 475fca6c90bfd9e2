import { eventText, type SseText } from './sse-text.ts'

const LF = 0x0a
const CR = 0x0d
/** The longest event that any wire has is an image in base64; what is longer is none, and would only fill the memory. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024
const NOTHING = new Uint8Array()

/** One server-sent event: its bytes as they came, with the blank line that ends it, its name where it has one, and its data. */
export type SseEvent = SseText & { bytes: Uint8Array }

// Nothing before `start` counts: there another event has ended, and whether its bytes are still at hand is chance.
function isBlankLineAt(bytes: Uint8Array, lf: number, start: number): boolean {
  const before = bytes[lf - 1]
  return before === LF || (before === CR && lf - 2 >= start && bytes[lf - 2] === LF)
}

function eventOf(bytes: Uint8Array): SseEvent {
  return { bytes, ...eventText(bytes) }
}

/**
 * Cuts a stream of bytes into its events (WHATWG HTML, section 9.2), without changing a byte: a parser that hands out
 * decoded events could not pass them on unchanged. Lines end in LF or CRLF, as every provider sends them. Keeps one event
 * that is not whole yet; throws where that is longer than any.
 */
export class SseEvents {
  #rest: Uint8Array = NOTHING
  // Where `#rest` grows: doubled, not joined anew for each chunk of a long event.
  #room: Uint8Array = NOTHING
  #whole: Uint8Array = NOTHING

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): SseEvent[] {
    const seen = this.#rest.length
    const bytes = seen > 0 ? this.#join(chunk) : chunk
    const events: SseEvent[] = []
    let start = 0
    for (let lf = bytes.indexOf(LF, seen); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
      if (lf === start || !isBlankLineAt(bytes, lf, start)) continue
      events.push(eventOf(bytes.subarray(start, lf + 1)))
      start = lf + 1
    }
    this.#cutAt(start, bytes)
    return events
  }

  /** The bytes of all events that the last chunk completed, in one piece. */
  whole(): Uint8Array {
    return this.#whole
  }

  /** The event that no blank line ended, at the stream's end; none where nothing is left that has data. */
  last(): SseEvent | undefined {
    const event = eventOf(this.#rest)
    return event.data === '' ? undefined : event
  }

  /** What came after the last whole event. */
  rest(): Uint8Array {
    return this.#rest
  }

  #join(chunk: Uint8Array): Uint8Array {
    const held = this.#rest.length
    const length = held + chunk.length
    if (length > MAX_EVENT_BYTES) throw new Error(`an event is longer than ${MAX_EVENT_BYTES} bytes`)
    if (length > this.#room.length) {
      this.#room = new Uint8Array(length * 2)
      this.#room.set(this.#rest)
    }
    this.#room.set(chunk, held)
    return this.#room.subarray(0, length)
  }

  #cutAt(start: number, bytes: Uint8Array): void {
    this.#whole = start === bytes.length ? bytes : bytes.subarray(0, start)
    this.#rest = start === bytes.length ? NOTHING : bytes.subarray(start)
    // What was handed out may still be on its way when the next chunk comes.
    if (start > 0) this.#room = NOTHING
  }
}
