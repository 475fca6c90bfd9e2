import type { Json } from '../codec.ts'

/** One event as it is sent. */
export function eventText(type: string, members: Json = {}): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
}

/** Writes the blocks of a streamed message, one after the other: none is begun before the last one has ended. */
export class BlockWriter {
  #index = -1
  #open: string | undefined
  #last: Json | undefined

  /** What the open block is of; `undefined` where none is open. */
  get open(): string | undefined {
    return this.#open
  }

  start(kind: string, block: Json): string {
    const stop = this.stop()
    this.#index += 1
    this.#open = kind
    return stop + eventText('content_block_start', { index: this.#index, content_block: block })
  }

  /** The start of a block of this kind, or nothing where one is open. */
  ensure(kind: string, block: Json): string {
    return this.#open === kind ? '' : this.start(kind, block)
  }

  delta(delta: Json): string {
    return eventText('content_block_delta', { index: this.#index, delta })
  }

  /** What shall be said before the open block ends, in place of what was to be. */
  keep(delta: Json): void {
    this.#last = delta
  }

  stop(): string {
    if (this.#open === undefined) return ''
    const last = this.#last ? this.delta(this.#last) : ''
    this.#open = undefined
    this.#last = undefined
    return last + eventText('content_block_stop', { index: this.#index })
  }
}
