import { sizeFor } from './request.mjs'
import { Trial } from './trial.mjs'

/** What a key may spend in a case: a cent, in nano-dollars. */
export const LIMIT_NANO = 10_000_000
/** How many requests a budget covers, where a scenario does not say otherwise. */
export const COVERED = 40

/** What scenarios work with. `scale` makes every count smaller or larger. */
export class Bench {
  #scale
  /** Whether the case that runs is one in which the provider does not tell what it bills. */
  isUntold = false

  constructor({ subject, upstream, scale = 1, seed = 1 }) {
    this.subject = subject
    this.upstream = upstream
    this.seed = seed
    this.#scale = scale
    this.limitNano = subject.fixedLimitNano ?? LIMIT_NANO
  }

  count(atFullScale) {
    return Math.max(1, Math.round(atFullScale * this.#scale))
  }

  /** How many requests the budget covers at this scale. */
  get covered() {
    return Math.max(4, this.count(COVERED))
  }

  /** The size of which the whole budget covers `covered`, each at its worst. */
  get size() {
    return sizeFor(this.limitNano / this.covered)
  }

  /** A case on a fresh key. `kind`: one of the subject's `kinds` of keys. */
  async open({ window, kind, limitNano = this.limitNano } = {}) {
    return new Trial(this, [await this.subject.createKey({ limitNano, window, kind })], { limitNano })
  }

  /** A case on fresh keys under a second limit. What may be spent is what both levels allow. */
  async openShared(level, { keyNano, sharedNano }) {
    const keys = await level.create({ keyNano, sharedNano })
    return new Trial(this, keys, { limitNano: Math.min(keys.length * keyNano, sharedNano), keyNano })
  }
}
