import type { ReliabilityInput } from '../../contracts/reliability.ts'
import { DEFAULT_RELIABILITY, type Reliability } from '../../core/snapshot.ts'

/** A key's reliability after a change: `null` is the default, absent leaves it, an object replaces it whole. */
export function applyReliability(
  current: ReliabilityInput | null,
  asked: ReliabilityInput | null | undefined,
): ReliabilityInput | null {
  return asked === undefined ? current : asked
}

/** What the snapshot says of it: nothing where all is as it is for every key. */
export function reliabilityOf(stored: ReliabilityInput | null): { reliability?: Reliability } {
  if (!stored) return {}
  const { fallbacks } = DEFAULT_RELIABILITY
  return {
    reliability: {
      maxRetries: stored.max_retries ?? DEFAULT_RELIABILITY.maxRetries,
      deadlineMs: stored.deadline_ms ?? null,
      firstTokenMs: stored.first_token_ms ?? null,
      answerMs: stored.answer_ms ?? null,
      idleMs: stored.idle_ms ?? null,
      hedgeAfterMs: stored.hedge_after_ms ?? null,
      balance: stored.balance ?? null,
      fallbacks: stored.fallbacks ?? fallbacks,
    },
  }
}
