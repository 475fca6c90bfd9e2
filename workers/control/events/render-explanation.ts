import { usdFromPico } from '../../core/money/pico-usd.ts'
import type { CostDetail, RecordedEvent } from '../../core/usage.ts'

type Line = { unit: string; quantity: number; usd_per_unit: string; usd: string }

function renderLine([unit, quantity, pico]: CostDetail['lines'][number]): Line {
  const total = BigInt(quantity) * BigInt(pico)
  return { unit, quantity, usd_per_unit: usdFromPico(BigInt(pico)), usd: usdFromPico(total) }
}

function picoOf({ lines }: CostDetail): bigint {
  return lines.reduce((sum, [, quantity, pico]) => sum + BigInt(quantity) * BigInt(pico), 0n)
}

// A line of what is not reckoned by units: it makes the lines sum to the cost, to the pico-dollar.
function restLine(unit: string, pico: bigint): Line[] {
  const usd = usdFromPico(pico)
  return pico === 0n ? [] : [{ unit, quantity: 1, usd_per_unit: usd, usd }]
}

function basisOf({ source, outcome }: RecordedEvent) {
  if (source === 'reported') return 'reported_usage'
  return outcome === 'estimated' ? 'own_count' : 'provider_usage'
}

function reckoned(event: RecordedEvent, detail: CostDetail) {
  const rounding = BigInt(event.cost_nano) * 1000n - picoOf(detail)
  return {
    basis: basisOf(event),
    service_tier: detail.tier,
    above_input_tokens: detail.above,
    price_source: `${detail.source}:${event.priced_model}`,
    pricebook_version: event.pricebook_version,
    lines: [...detail.lines.map(renderLine), ...restLine('rounding', rounding)],
    unpriced: (detail.unpriced ?? []).map(([unit, quantity]) => ({ unit, quantity })),
  }
}

/**
 * How an event's charge came about; its lines sum exactly to the cost. The whole hold of an assumed one, whose truth was lost;
 * null where nothing was reckoned, of events from before this was kept, and of reported ones whose cost was
 * reported.
 */
export function renderExplanation(event: RecordedEvent) {
  if (event.outcome === 'assumed') {
    return { basis: 'assumed_hold', lines: restLine('hold', BigInt(event.cost_nano) * 1000n), unpriced: [] }
  }
  return event.cost_detail && reckoned(event, event.cost_detail)
}
