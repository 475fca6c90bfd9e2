import { addUp, type Used } from './add-up.ts'
import { renderGroup } from './render-group.ts'
import { renderCost, usdOf } from './render-money.ts'

function renderSum({ group, events, input_tokens, output_tokens, cost_nano }: Used) {
  return { ...renderGroup(group), ...renderCost(cost_nano), events, tokens: input_tokens + output_tokens }
}

/** A cost summary, in decimal dollars and exact nano-dollars. It is the sum of its own rows, and so cannot differ from them. */
export function renderCosts(sums: Used[]) {
  const { events, tokens, costNano } = addUp(sums)
  const summary = {
    total_cost_usd: usdOf(costNano),
    total_cost_nano: String(costNano),
    total_events: events,
    total_tokens: tokens,
    average_cost_per_event: events === 0 ? 0 : usdOf(costNano) / events,
  }
  return { summary, data: sums.map(renderSum) }
}
