/** A token that opens a vendor's door, and until when. */
export type AccessToken = { token: string; expiresMs: number }

/** How long before its end a token is no longer used: a request takes its time. */
const MARGIN_MS = 60_000
/** Tokens kept an isolate; the oldest makes room. */
const MAX_KEPT = 1000
/** How long another request's asking is waited for. */
const PATIENCE_MS = 10_000

// The flight may be another request's, and end with it without a word: workerd then settles nothing.
async function inTime<T>(flight: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
  })
  return Promise.race([flight, late]).finally(() => clearTimeout(timer))
}

/**
 * Access tokens by account, for as long as this isolate lives. Each is asked for once however many wait for it, and used until
 * a minute before its end. A failure is told to all who wait and is not remembered.
 */
export class TokenCache {
  readonly #kept = new Map<string, AccessToken>()
  readonly #flights = new Map<string, Promise<AccessToken>>()

  /** The account's token, from memory where it has one that is good for a while at `nowMs`. */
  async get(account: string, nowMs: number, ask: () => Promise<AccessToken>): Promise<string> {
    const kept = this.#kept.get(account)
    if (kept && nowMs < kept.expiresMs - MARGIN_MS) return kept.token
    const flight = this.#flights.get(account)
    const joined = flight && (await inTime(flight))
    return (joined ?? (await this.#ask(account, ask))).token
  }

  /** Forgets a token that was refused; a newer one of the account is kept. */
  disown(account: string, token: string): void {
    if (this.#kept.get(account)?.token === token) this.#kept.delete(account)
  }

  async #ask(account: string, ask: () => Promise<AccessToken>): Promise<AccessToken> {
    const flight = ask()
    this.#flights.set(account, flight)
    try {
      const token = await flight
      this.#keep(account, token)
      return token
    } finally {
      if (this.#flights.get(account) === flight) this.#flights.delete(account)
    }
  }

  #keep(account: string, token: AccessToken): void {
    this.#kept.delete(account)
    this.#kept.set(account, token)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }
}
