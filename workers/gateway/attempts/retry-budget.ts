/** Part of a retry that each first attempt earns, and the most that is kept: a provider that is down is not asked twice as often. */
const EARNED = 0.2
const MOST = 10

/** What retries an isolate may still send to each provider. */
export class RetryBudget {
  readonly #left = new Map<string, number>()

  /** A call's first attempt at a provider. */
  earn(provider: string): void {
    this.#left.set(provider, Math.min(MOST, this.#of(provider) + EARNED))
  }

  /** Takes one; `false` where there is none. */
  take(provider: string): boolean {
    const left = this.#of(provider)
    if (left < 1) return false
    this.#left.set(provider, left - 1)
    return true
  }

  #of(provider: string): number {
    return this.#left.get(provider) ?? MOST
  }
}
