/** Numbers pairs of whole numbers, which are below 2^31 and not negative, in the order in which they come up. A Map of both in one would be several times slower. */
export class PairTable {
  #firsts = new Int32Array(64)
  #seconds = new Int32Array(64)
  // Open addressing: the number of a pair and 1, or 0 where there is none.
  #slots = new Int32Array(256)
  #size = 0

  /** How many pairs there are. */
  get size(): number {
    return this.#size
  }

  /** The pair of a number. */
  pairOf(index: number): [number, number] {
    return [this.#firsts[index] ?? 0, this.#seconds[index] ?? 0]
  }

  #slotOf(first: number, second: number): number {
    const mask = this.#slots.length - 1
    const mixed = Math.imul(Math.imul(first, 0x9e3779b1) ^ second, 0x85ebca6b)
    let slot = (mixed ^ (mixed >>> 15)) & mask
    for (;;) {
      const known = (this.#slots[slot] ?? 0) - 1
      if (known < 0 || (this.#firsts[known] === first && this.#seconds[known] === second)) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const more = new Int32Array(2 * this.#firsts.length)
    more.set(this.#firsts)
    this.#firsts = more
    const others = new Int32Array(more.length)
    others.set(this.#seconds)
    this.#seconds = others
    this.#slots = new Int32Array(4 * more.length)
    for (let index = 0; index < this.#size; index++) {
      this.#slots[this.#slotOf(this.#firsts[index] ?? 0, this.#seconds[index] ?? 0)] = index + 1
    }
  }

  /** The number of a pair. */
  numberOf(first: number, second: number): number {
    if (this.#size === this.#firsts.length) this.#grow()
    const slot = this.#slotOf(first, second)
    const known = this.#slots[slot] ?? 0
    if (known > 0) return known - 1
    this.#firsts[this.#size] = first
    this.#seconds[this.#size] = second
    this.#size += 1
    this.#slots[slot] = this.#size
    return this.#size - 1
  }
}
