const LF = 0x0a
const CR = 0x0d

/** One server-sent event: its bytes as they came, with the blank line that ends it, its name where it has one, and its data. */
export type SseEvent = { bytes: Uint8Array; event: string | undefined; data: string }

function isBlankLineAt(bytes: Uint8Array, lf: number): boolean {
  const before = bytes[lf - 1]
  return before === LF || (before === CR && bytes[lf - 2] === LF)
}

function valuesOf(lines: string[], field: string): string[] {
  const prefix = `${field}:`
  const values = lines.filter(line => line.startsWith(prefix)).map(line => line.slice(prefix.length))
  return values.map(value => (value.startsWith(' ') ? value.slice(1) : value))
}

function eventOf(bytes: Uint8Array): SseEvent {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
  return { bytes, event: valuesOf(lines, 'event').at(-1), data: valuesOf(lines, 'data').join('\n') }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}

/**
 * Cuts a stream of bytes into its events (WHATWG HTML, section 9.2), without changing a byte: a parser that hands out
 * decoded events could not pass them on unchanged. Lines end in LF or CRLF, as every provider sends them.
 */
export class SseEvents {
  #rest: Uint8Array = new Uint8Array()
  #whole: Uint8Array = new Uint8Array()

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): SseEvent[] {
    const bytes = this.#rest.length > 0 ? join(this.#rest, chunk) : chunk
    const events: SseEvent[] = []
    let start = 0
    for (let lf = bytes.indexOf(LF); lf >= 0; lf = bytes.indexOf(LF, lf + 1)) {
      if (lf === start || !isBlankLineAt(bytes, lf)) continue
      events.push(eventOf(bytes.subarray(start, lf + 1)))
      start = lf + 1
    }
    this.#whole = bytes.subarray(0, start)
    this.#rest = bytes.subarray(start)
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
}
