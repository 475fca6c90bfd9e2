import { addUp, type Total, type Used } from '../analytics/add-up.ts'
import { percentageOf, renderCost, usdOf } from '../analytics/render-money.ts'

/** What some groups are of a whole. */
export function renderShare(sums: Used[], whole: Total) {
  const { events, tokens, costNano } = addUp(sums)
  return { ...renderCost(costNano), events, tokens, percentage: percentageOf(costNano, whole.costNano) }
}

/** All of a period. */
export function renderTotal({ events, tokens, costNano }: Total) {
  return {
    total_cost_usd: usdOf(costNano),
    total_cost_nano: String(costNano),
    total_requests: events,
    total_tokens: tokens,
  }
}

/** The dearest first. */
export function byCost<T extends { cost_usd: number }>(rows: T[]): T[] {
  return rows.toSorted((a, b) => b.cost_usd - a.cost_usd)
}
