/** Gives an attempt so long, and ends it then. Whom nothing can end has no signal, which costs each of its reads and writes. */
export class TimeLimit {
  readonly #controller: AbortController | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  /** `ms`: `null` for as long as it takes. `mayBeCut`: whether it may be given a time later. */
  constructor(ms: number | null, mayBeCut: boolean) {
    this.#controller = mayBeCut || ms !== null ? new AbortController() : undefined
    if (ms !== null) this.cutAfter(ms)
  }

  /** Ends the provider's work. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal
  }

  /** Whether it was the time that ended it. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Gives it no more than so long from now on. */
  cutAfter(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#isOver = true
      this.#controller?.abort(new Error('the time for this attempt is over'))
    }, ms)
  }

  /** It was in time. */
  done(): void {
    clearTimeout(this.#timer)
  }
}
