import type { KeyRef } from '../../core/key/key-text.ts'
import type { Standing } from '../../core/quota/admit.ts'

/** The most keys whose limits an isolate remembers; the oldest makes room. */
const MAX_KEYS = 10_000

/**
 * How the limits of keys stood when this isolate last heard of them, for rules that ask. Never newer than the key's last request here, and
 * of a limit that several meters share it is this meter's part: enough to send work elsewhere by, and never to admit by.
 */
export class SeenStandings {
  readonly #known = new Map<string, ReadonlyMap<string, Standing>>()

  /** All that is remembered of a key's limits. */
  get(ref: KeyRef): Standing[] {
    return [...(this.#known.get(nameOf(ref))?.values() ?? [])]
  }

  /** Remembers how some of a key's limits stand, beside those that other requests fell under. */
  put(ref: KeyRef, standings: readonly Standing[], nowMs: number): void {
    const name = nameOf(ref)
    const before = this.get(ref).filter(({ resetsAtMs }) => resetsAtMs > nowMs)
    this.#known.delete(name)
    this.#known.set(name, new Map([...before, ...standings].map(one => [one.limitId, one])))
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_KEYS && oldest) this.#known.delete(oldest)
  }
}

function nameOf({ tenantId, id, jurisdiction }: KeyRef): string {
  return `${tenantId}/${id}/${jurisdiction}`
}
