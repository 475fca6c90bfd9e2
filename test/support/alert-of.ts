import type { LimitAlert } from '../../workers/core/quota/thresholds.ts'

/** An alert of a day's budget of 50 dollars, a cent above its threshold of 80 percent. */
export function alertOf(over: Partial<LimitAlert> = {}): LimitAlert {
  const startMs = Date.UTC(2026, 10, 18)
  return {
    ...{ limitId: 'limit-a', scope: 'user:u', unit: 'nano_usd', threshold: 80, max: 50e9, used: 40.01e9 },
    ...{ startMs, endMs: startMs + 86_400_000, noticedMs: startMs + 3_600_000, ...over },
  }
}
