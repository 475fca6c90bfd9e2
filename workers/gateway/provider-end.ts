type Read = ReadableStreamReadResult<Uint8Array>

/** A provider's stream, and what was read of it already. */
type Begun = { upstream: ReadableStream<Uint8Array>; held?: Uint8Array[] }

/** How long a provider may be silent, and the clock that says so. */
export type Patience = { idleMs: number; nowMs(): number }

/** The provider's end of a stream. Ends it where it sends nothing for `idleMs`, or where `cutAfter` gave it no more time. */
export class ProviderEnd {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #held: Uint8Array[]
  readonly #patience: Patience
  // Silent only while it is asked: while a slow client is waited for, the provider waits too.
  #askedMs: number | undefined
  #watch: ReturnType<typeof setTimeout> | undefined
  #drain: ReturnType<typeof setTimeout> | undefined
  isCut = false
  isSilent = false

  constructor({ upstream, held = [] }: Begun, patience: Patience) {
    this.#reader = upstream.getReader()
    this.#held = [...held]
    this.#patience = patience
    this.#lookAfter(patience.idleMs)
  }

  /** The stream's own promise: another around it would cost as much as the chunk. `heard` is to be called when it is settled. */
  read(): Promise<Read> {
    const held = this.#held.shift()
    if (held) return Promise.resolve({ done: false, value: held })
    this.#askedMs = this.#patience.nowMs()
    return this.#reader.read()
  }

  /** It has answered, and is not asked any more. */
  heard(): void {
    this.#askedMs = undefined
  }

  cutAfter(ms: number): void {
    this.#drain ??= setTimeout(() => this.cut(), ms)
  }

  /** Ends it; a read that is under way is answered with the end. */
  cut(): void {
    this.isCut = true
    this.#reader.cancel().catch(() => undefined)
  }

  done(): void {
    clearTimeout(this.#watch)
    clearTimeout(this.#drain)
  }

  // One timer that looks when the time could be up: one for each chunk would cost more than the chunk.
  #lookAfter(ms: number): void {
    this.#watch = setTimeout(() => this.#look(), ms)
  }

  #look(): void {
    const { idleMs, nowMs } = this.#patience
    const leftMs = this.#askedMs === undefined ? idleMs : this.#askedMs + idleMs - nowMs()
    if (leftMs > 0) this.#lookAfter(leftMs)
    else this.#giveUp()
  }

  #giveUp(): void {
    this.isSilent = true
    this.cut()
  }
}
