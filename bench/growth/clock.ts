/** Something that will happen; of two at the same instant, what was asked for first. */
type Event = { atMs: number; order: number; run: () => void }

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** Simulated time: a binary heap of what is to happen. Nothing is random here, and nothing takes real time. */
export class Clock {
  nowMs: number
  #heap: Event[] = []
  #order = 0

  constructor(startMs: number) {
    this.nowMs = startMs
  }

  /** Runs something `ms` milliseconds from now. */
  after(ms: number, run: () => void): void {
    const event = { atMs: this.nowMs + ms, order: this.#order++, run }
    const heap = this.#heap
    let at = heap.push(event) - 1
    for (let up = (at - 1) >> 1; at > 0 && isBefore(event, heap[up] as Event); up = (at - 1) >> 1) {
      heap[at] = heap[up] as Event
      at = up
    }
    heap[at] = event
  }

  /** Runs all that is due until `endMs`. */
  runUntil(endMs: number): void {
    for (let first = this.#heap[0]; first && first.atMs <= endMs; first = this.#heap[0]) {
      this.#removeFirst()
      this.nowMs = first.atMs
      first.run()
    }
    this.nowMs = endMs
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return
    this.#sink(last)
  }

  #sink(event: Event): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const [a, b] = [heap[left], heap[left + 1]]
      const child = a && b && isBefore(b, a) ? left + 1 : left
      const next = heap[child]
      if (!next || !isBefore(next, event)) break
      heap[at] = next
      at = child
    }
    heap[at] = event
  }
}
