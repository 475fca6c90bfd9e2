import type { WireEvent } from '../codec.ts'
import { frameBytes, PRELUDE_BYTES, readFrame } from './frame.ts'
import { BROKEN_STREAM, exceptionEvent, frameEvent } from './frame-event.ts'

function joined(chunks: Uint8Array[], size: number): Uint8Array {
  const [only] = chunks
  if (only && chunks.length === 1) return only
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/**
 * Cuts `application/vnd.amazon.eventstream` into events, however the bytes are cut. Never throws: a frame whose checksum,
 * length or headers are broken is an `exception` event, and nothing is read after it.
 */
export class EventStreamReader {
  // Joined only when a frame is whole: joining at every chunk would take quadratic time for a large frame.
  #chunks: Uint8Array[] = []
  #size = 0
  #needed = PRELUDE_BYTES
  #isBroken = false

  /** The events that this chunk completes. */
  push(chunk: Uint8Array): WireEvent[] {
    if (this.#isBroken) return []
    this.#chunks.push(chunk)
    this.#size += chunk.length
    return this.#size < this.#needed ? [] : this.#read(joined(this.#chunks, this.#size))
  }

  /** Whether a frame was broken: nothing more will be told. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** What is to be told where the bytes ended within a frame. */
  end(): WireEvent[] {
    return this.#size > 0 && !this.#isBroken ? [this.#broken('The stream ended within a frame.')] : []
  }

  #read(bytes: Uint8Array): WireEvent[] {
    const events: WireEvent[] = []
    let rest = bytes
    while (rest.length >= PRELUDE_BYTES && !this.#isBroken) {
      const length = frameBytes(rest)
      if (length !== undefined && length > rest.length) break
      events.push(length === undefined ? this.#broken('A broken prelude.') : this.#event(rest.subarray(0, length)))
      rest = rest.subarray(length)
    }
    this.#keep(rest)
    return events
  }

  #event(bytes: Uint8Array): WireEvent {
    const frame = readFrame(bytes)
    return frame ? frameEvent(frame) : this.#broken('A broken frame.')
  }

  #keep(rest: Uint8Array): void {
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#size = rest.length
    this.#needed = rest.length < PRELUDE_BYTES ? PRELUDE_BYTES : (frameBytes(rest) ?? 0)
  }

  #broken(message: string): WireEvent {
    this.#isBroken = true
    return exceptionEvent(BROKEN_STREAM, { message })
  }
}
