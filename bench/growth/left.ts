type Stretch = { fromMs: number; toMs: number; value: number }

/** What is left of the budget, and the least that was left since any instant: what a refusal is judged by. */
export class Left {
  now: number
  // Stretches after which nothing as low has followed: instants and values both grow along the list.
  #lows: Stretch[] = []

  constructor(max: number, atMs: number) {
    this.now = max
    this.change(0, atMs)
  }

  change(by: number, atMs: number): void {
    const last = this.#lows.at(-1)
    if (last) last.toMs = atMs
    this.now += by
    while ((this.#lows.at(-1)?.value ?? -1) >= this.now) this.#lows.pop()
    this.#lows.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY, value: this.now })
  }

  /** The least that was left at any moment from `sinceMs` on. */
  leastSince(sinceMs: number): number {
    let [low, high] = [0, this.#lows.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#lows[middle] as Stretch).toMs > sinceMs) high = middle
      else low = middle + 1
    }
    return (this.#lows[low] as Stretch).value
  }
}
