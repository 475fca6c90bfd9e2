import type { Random } from './random.ts'

type Event = { atMs: number; order: number; run: () => void }

/** What follows a call, and what its way takes at least in one direction. */
type Heard<T> = { answered: (answer: T) => void; failed: () => void; farMs?: number }

/** Time and a network that loses, delays, repeats and reorders. Nothing happens but what is in its queue. */
export class Network {
  nowMs = Date.UTC(2026, 0, 1)
  isFair = false
  readonly #random: Random
  #queue: Event[] = []
  #order = 0

  constructor(random: Random) {
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0
  }

  after(ms: number, run: () => void): void {
    const event = { atMs: this.nowMs + ms, order: this.#order++, run }
    let at = this.#queue.length
    while (at > 0 && isLater(this.#queue[at - 1], event)) at--
    this.#queue.splice(at, 0, event)
  }

  /** Runs what is due first; `false` when nothing is left. */
  step(): boolean {
    const event = this.#queue.shift()
    if (!event) return false
    this.nowMs = event.atMs
    event.run()
    return true
  }

  /** `farMs`: what the way takes at least. */
  send(deliver: () => void, farMs = 0): void {
    if (this.isFair) return this.after(1 + farMs, deliver)
    if (this.#random.chance(0.06)) return
    this.after(farMs + this.#delay(), deliver)
    if (this.#random.chance(0.06)) this.after(farMs + this.#delay(), deliver)
  }

  #delay(): number {
    return this.#random.chance(0.05) ? 200 + this.#random.below(1500) : 1 + this.#random.below(20)
  }

  /** A call and its answer, either of which the network may lose; then, after a time, `failed` runs. At most one of both. */
  call<T>(ask: (reply: (answer: T) => void) => void, { answered, failed, farMs = 0 }: Heard<T>): void {
    let isOver = false
    const once = (work: () => void) => () => {
      if (isOver) return
      isOver = true
      work()
    }
    this.send(
      () =>
        ask(answer =>
          this.send(
            once(() => answered(answer)),
            farMs,
          ),
        ),
      farMs,
    )
    this.after(400, once(failed))
  }
}

function isLater(a: Event | undefined, b: Event): boolean {
  return a !== undefined && (a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order))
}
