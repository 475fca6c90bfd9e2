import type { Put } from './gather-rows.ts'

const START: Record<Put, number> = { sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }

/** One sum of each of many groups: exact, however much it is. */
export class ExactSums {
  readonly put: Put
  #values = new Float64Array(64)
  // What a double would not have told apart any more.
  readonly #beyond = new Map<number, bigint>()

  constructor(put: Put) {
    this.put = put
    this.#values.fill(START[put])
  }

  #room(group: number): void {
    if (group < this.#values.length) return
    const larger = new Float64Array(Math.max(group + 1, 2 * this.#values.length)).fill(START[this.put])
    larger.set(this.#values)
    this.#values = larger
  }

  /** Adds a whole number that a double tells apart to a group's. */
  add(group: number, value: number): void {
    this.#room(group)
    const before = this.#values[group] ?? 0
    if (this.put !== 'sum') this.#values[group] = this.put === 'min' ? Math.min(before, value) : Math.max(before, value)
    else if (Number.isSafeInteger(before + value)) this.#values[group] = before + value
    else {
      this.#beyond.set(group, (this.#beyond.get(group) ?? 0n) + BigInt(before))
      this.#values[group] = value
    }
  }

  /** The same of many groups at once. */
  addAll(groups: Int32Array, values: Float64Array): void {
    for (let at = 0; at < groups.length; at++) this.add(groups[at] ?? 0, values[at] ?? 0)
  }

  /** The same of a number of any size. */
  addExact(group: number, value: bigint): void {
    const small = BigInt.asIntN(53, value)
    // Zero as well, so that there is a place for the group.
    this.add(group, small === value ? Number(small) : 0)
    if (small !== value) this.#beyond.set(group, (this.#beyond.get(group) ?? 0n) + value)
  }

  /** A group's, rounded where a double does not tell it apart; `null`: of nothing there is no least and no most. */
  number(group: number): number | null {
    const value = this.#values[group] ?? START[this.put]
    const beyond = this.#beyond.get(group)
    if (beyond !== undefined) return Number(beyond + BigInt(value))
    return Number.isFinite(value) ? value : null
  }

  /** Compares what two groups come to; of nothing there is less than of anything. */
  compare(one: number, other: number): number {
    if (this.#beyond.size === 0) return (this.number(one) ?? -1) - (this.number(other) ?? -1)
    const difference = this.exact(one) - this.exact(other)
    return difference === 0n ? 0 : difference < 0n ? -1 : 1
  }

  /** A group's sum, to the last unit. */
  exact(group: number): bigint {
    return BigInt(this.#values[group] ?? 0) + (this.#beyond.get(group) ?? 0n)
  }
}
