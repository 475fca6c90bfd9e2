import type { UsageSum } from '../../db/rollup/sum-query.ts'

/** What most answers sum. */
export const USED = ['events', 'input_tokens', 'output_tokens', 'cost_nano'] as const
/** Sums of `USED`. */
export type Used = UsageSum<(typeof USED)[number]>
/** All groups of a question taken together. */
export type Total = { events: number; tokens: number; costNano: bigint }

/** Adds groups up. Money is exact however much. */
export function addUp(sums: Used[]): Total {
  return sums.reduce<Total>(
    (total, sum) => ({
      events: total.events + sum.events,
      tokens: total.tokens + sum.input_tokens + sum.output_tokens,
      costNano: total.costNano + sum.cost_nano,
    }),
    { events: 0, tokens: 0, costNano: 0n },
  )
}
