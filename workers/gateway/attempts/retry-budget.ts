/** Part of a retry that each first attempt earns, and the most that is kept: a provider that is down is not asked twice as often. */
const EARNED = 0.2
const MOST = 10
/** The most names that are remembered; the one that was longest not heard of makes room, and starts anew. */
const MAX_NAMES = 10_000

/** Whose retries of what. */
export type RetryOf = { tenantId: string; provider: string }

function nameOf({ tenantId, provider }: RetryOf): string {
  return `${tenantId}/${provider}`
}

/** What retries an isolate may still send to each provider, of each tenant: none can use up another's. */
export class RetryBudget {
  readonly #known = new Map<string, number>()

  /** A call's first attempt at a provider. */
  earn(of: RetryOf): void {
    this.#set(of, Math.min(MOST, this.#left(of) + EARNED))
  }

  /** Takes one; `false` where there is none. */
  take(of: RetryOf): boolean {
    const left = this.#left(of)
    if (left < 1) return false
    this.#set(of, left - 1)
    return true
  }

  #left(of: RetryOf): number {
    return this.#known.get(nameOf(of)) ?? MOST
  }

  #set(of: RetryOf, left: number): void {
    this.#known.delete(nameOf(of))
    this.#known.set(nameOf(of), left)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_NAMES && oldest !== undefined) this.#known.delete(oldest)
  }
}
