import type { UsageSum } from '../../db/rollup/sum-query.ts'
import { renderCost, usdOf } from '../analytics/render-money.ts'

/** What unit costs are reckoned from. */
export const UNIT_SUMS = [
  ...(['events', 'successes', 'input_tokens', 'output_tokens', 'cached_input_tokens', 'latency_ms'] as const),
  ...(['cost_nano', 'input_cost_nano', 'output_cost_nano'] as const),
] as const
/** Sums of `UNIT_SUMS`. */
export type UnitSum = Omit<UsageSum<(typeof UNIT_SUMS)[number]>, 'group'>

const NOTHING: UnitSum = {
  ...{ events: 0, successes: 0, input_tokens: 0, output_tokens: 0, cached_input_tokens: 0, latency_ms: 0 },
  ...{ cost_nano: 0n, input_cost_nano: 0n, output_cost_nano: 0n },
}

function plus(a: UnitSum, b: UnitSum): UnitSum {
  return {
    events: a.events + b.events,
    successes: a.successes + b.successes,
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    latency_ms: a.latency_ms + b.latency_ms,
    cost_nano: a.cost_nano + b.cost_nano,
    input_cost_nano: a.input_cost_nano + b.input_cost_nano,
    output_cost_nano: a.output_cost_nano + b.output_cost_nano,
  }
}

/** Several sums as one. */
export function unitTotal(sums: UnitSum[]): UnitSum {
  return sums.reduce(plus, NOTHING)
}

const perUnit = (nano: bigint, units: number, of = 1) => (units === 0 ? null : (usdOf(nano) / units) * of)
const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole)

/** What a request, a thousand tokens and a million tokens cost. What is charged for neither input nor output is `other`. */
export function renderUnits(sum: UnitSum) {
  const { events, successes, input_tokens, output_tokens, cost_nano, input_cost_nano, output_cost_nano } = sum
  return {
    ...{ requests: events, successful_requests: successes, input_tokens, output_tokens },
    ...{ cached_input_tokens: sum.cached_input_tokens, ...renderCost(cost_nano) },
    ...{ input_cost_nano: String(input_cost_nano), output_cost_nano: String(output_cost_nano) },
    other_cost_nano: String(cost_nano - input_cost_nano - output_cost_nano),
    cost_per_request_usd: perUnit(cost_nano, events),
    cost_per_successful_request_usd: perUnit(cost_nano, successes),
    cost_per_1k_input_tokens_usd: perUnit(input_cost_nano, input_tokens, 1000),
    cost_per_1k_output_tokens_usd: perUnit(output_cost_nano, output_tokens, 1000),
    blended_cost_per_1m_tokens_usd: perUnit(cost_nano, input_tokens + output_tokens, 1_000_000),
    cache_hit_rate: ratio(sum.cached_input_tokens, input_tokens),
    average_latency_ms: ratio(sum.latency_ms, events),
  }
}
