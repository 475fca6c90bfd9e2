import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { UsageGroup, UsageSum } from '../../db/sum-usage.ts'

const isoSecond = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

const NAME: Record<UsageGroup, (bucket: string | number) => Record<string, unknown>> = {
  day: bucket => ({ date: isoSecond(Number(bucket)).slice(0, 10) }),
  hour: bucket => ({ hour: isoSecond(Number(bucket)) }),
  provider: provider => ({ provider }),
  model: model => ({ model }),
}

function renderSum(sum: UsageSum, groupBy: UsageGroup) {
  const { events, tokens, cost_nano } = sum
  return {
    ...NAME[groupBy](sum.bucket),
    cost_usd: usdFromNano(cost_nano),
    cost_nano: String(cost_nano),
    events,
    tokens,
  }
}

function total(sums: UsageSum[], field: 'events' | 'tokens' | 'cost_nano'): number {
  return sums.reduce((sum, row) => sum + row[field], 0)
}

/** A cost summary, in decimal dollars and exact nano-dollars. It is the sum of its own rows, and so cannot differ from them. */
export function renderCosts(sums: UsageSum[], groupBy: UsageGroup) {
  const costNano = total(sums, 'cost_nano')
  const events = total(sums, 'events')
  const summary = {
    total_cost_usd: usdFromNano(costNano),
    total_cost_nano: String(costNano),
    total_events: events,
    total_tokens: total(sums, 'tokens'),
    average_cost_per_event: events === 0 ? 0 : usdFromNano(costNano / events),
  }
  return { summary, data: sums.map(sum => renderSum(sum, groupBy)) }
}
