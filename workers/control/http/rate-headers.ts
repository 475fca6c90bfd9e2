import type { RateStanding } from '../../core/rate/take.ts'

/** How a tenant stands with its plan, in the headers of every answer to one of its callers; `Reset` in seconds of UTC epoch time. */
export function rateHeaders(rate: RateStanding | undefined): Record<string, string> {
  if (!rate) return {}
  return {
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.remaining),
    'x-ratelimit-reset': String(Math.ceil(rate.resetMs / 1000)),
  }
}
