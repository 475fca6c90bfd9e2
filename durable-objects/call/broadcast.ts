/** How much is kept for those who come later, and what is done when nobody has listened for a while. */
export type BroadcastPlan = { maxBytes: number; unheardMs: number; onUnheard(): void }

/** A listener by the number of the chunk it hears next. */
type Listener = { next: number }

/**
 * Bytes as they come, for any number of listeners, each from the first byte on. As long as all of them fit `maxBytes`
 * nobody waits for anybody, and more may come to listen; after that the slowest listener sets the pace.
 */
export class Broadcast {
  readonly #plan: BroadcastPlan
  readonly #listeners = new Set<Listener>()
  readonly #chunks: Uint8Array[] = []
  #firstChunk = 0
  #bytesSeen = 0
  #bytesKept = 0
  #end: { isWhole: boolean } | undefined
  #news = Promise.withResolvers<void>()
  #unheard: ReturnType<typeof setTimeout> | undefined

  constructor(plan: BroadcastPlan) {
    this.#plan = plan
  }

  /** Everything since the first byte, or `undefined` where that is more than was to be kept. */
  bytes(): Uint8Array[] | undefined {
    return this.#isAllKept() ? this.#chunks : undefined
  }

  /** A stream of everything, until its reader cancels it or `gone` aborts; `undefined` where the first bytes are gone. */
  listen(gone: AbortSignal): ReadableStream<Uint8Array> | undefined {
    if (!this.#isAllKept()) return undefined
    const listener = { next: 0 }
    const leave = () => this.#leave(listener)
    this.#listeners.add(listener)
    clearTimeout(this.#unheard)
    gone.addEventListener('abort', leave, { once: true })
    return new ReadableStream({ pull: controller => this.#give(listener, controller), cancel: leave })
  }

  /** Adds to what is heard. Resolves when there is room for more. */
  async push(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk)
    this.#bytesSeen += chunk.byteLength
    this.#bytesKept += chunk.byteLength
    this.#tell()
    while (this.#bytesKept > this.#plan.maxBytes) await this.#news.promise
  }

  /** Ends every listener's stream: cleanly, or as broken. */
  end(isWhole: boolean): void {
    this.#end = { isWhole }
    clearTimeout(this.#unheard)
    this.#tell()
  }

  #isAllKept(): boolean {
    return this.#bytesSeen <= this.#plan.maxBytes
  }

  async #give(listener: Listener, controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const chunk = () => this.#chunks[listener.next - this.#firstChunk]
    while (!chunk() && !this.#end && this.#listeners.has(listener)) await this.#news.promise
    const next = this.#listeners.has(listener) ? chunk() : undefined
    if (next) {
      listener.next += 1
      controller.enqueue(next)
    } else if (this.#end?.isWhole) controller.close()
    else controller.error(new Error('the answer broke off'))
    this.#tell()
  }

  #leave(listener: Listener): void {
    if (!this.#listeners.delete(listener)) return
    this.#tell()
    if (this.#listeners.size > 0 || this.#end) return
    this.#unheard = setTimeout(this.#plan.onUnheard, this.#plan.unheardMs)
  }

  // Wakes all who wait, and drops what every listener has heard once it is too much to be kept for others.
  #tell(): void {
    if (!this.#isAllKept()) this.#drop()
    const { resolve } = this.#news
    this.#news = Promise.withResolvers()
    resolve()
  }

  #drop(): void {
    const heard = Math.min(this.#firstChunk + this.#chunks.length, ...[...this.#listeners].map(({ next }) => next))
    for (const chunk of this.#chunks.splice(0, heard - this.#firstChunk)) this.#bytesKept -= chunk.byteLength
    this.#firstChunk = heard
  }
}
