import type { SettledMark } from '../../workers/core/quota/state.ts'
import { callStartMs } from '../../workers/core/usage.ts'

const MAX_MARKS = 10_000

/**
 * The marks of what was settled last, in memory. Whoever admits or settles asks whether that was done before, and nearly always
 * it was not: of calls that began lately nobody has to look into storage to know.
 */
export class RecentMarks {
  readonly #marks = new Map<string, SettledMark>()
  #sinceMs: number

  /** `sinceMs`: nothing is in storage of a call that began then or later, in UTC epoch milliseconds. */
  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs
  }

  /** Whether every settled attempt of this call is here. */
  knows(callId: string): boolean {
    return callStartMs(callId) >= this.#sinceMs
  }

  get(key: string): SettledMark | undefined {
    return this.#marks.get(key)
  }

  set(key: string, mark: SettledMark): void {
    this.#marks.set(key, mark)
    const [oldest] = this.#marks.size > MAX_MARKS ? this.#marks.keys() : []
    if (oldest === undefined) return
    this.#marks.delete(oldest)
    this.#sinceMs = Math.max(this.#sinceMs, callStartMs(oldest) + 1)
  }
}
