import type { MeterAdmission } from '../core/quota/meter-protocol.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import { DEFAULT_HANDLING } from '../core/snapshot.ts'
import type { Ask } from './ask.ts'
import type { Route } from './routing/route-to.ts'
import { type HoldSize, type SizeRule, sizeHold } from './size-hold.ts'

/** How a request was changed to fit the limits it falls under, by what those limits say. */
export type Adjustment = {
  /** The model to ask instead of the one that was asked for. */
  model?: string
  /** The output cap of a choice that was lowered to. */
  maxOutputTokens?: number
  clamps: number
  /** The models it was taken from, in order. */
  downgradedFrom: string[]
}

/** A request as it came. */
export const UNADJUSTED: Adjustment = { clamps: 0, downgradedFrom: [] }

/** What the answer to a request says of how it was changed, also where it was refused in the end. */
export function adjustmentHeaders({ maxOutputTokens, downgradedFrom }: Adjustment): Record<string, string> {
  return {
    ...(maxOutputTokens !== undefined && { 'x-weir-clamped-max-tokens': String(maxOutputTokens) }),
    ...(downgradedFrom.length > 0 && { 'x-weir-downgraded-from': downgradedFrom.join(', ') }),
  }
}

/** What was refused, and by what. */
export type Refused = {
  ask: Ask
  snapshot: KeySnapshot
  route: Route
  hold: HoldSize
  adjustment: Adjustment
  translation?: SizeRule['sent']
  answer: Extract<MeterAdmission, { kind: 'refused' }>
}

/** A limit that others use up as well is tried so often with what it had left; then with the least that may be sent. */
const MAX_CLAMPS = 3

// The largest cap that fits; what is needed grows with it.
function largestFitting(fits: (cap: number) => boolean, from: number, to: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function clamp(
  { ask, snapshot, route, hold, adjustment, answer, translation: sent }: Refused,
  floor: number,
): Adjustment | undefined {
  const { unit, remaining } = answer.standing
  // Of what is no conversation no cap makes less.
  if (ask.fixed || (unit !== 'nano_usd' && unit !== 'tokens')) return undefined
  const handling = snapshot.handling ?? DEFAULT_HANDLING
  const needs = (cap: number) => sizeHold(ask, route, { handling, maxOutputTokens: cap, sent }).need[unit]
  const current = hold.maxOutputTokens ?? Math.floor(hold.ceiling.outputTokens / ask.choices)
  if (current <= floor || needs(floor) > remaining) return undefined
  const clamps = adjustment.clamps + 1
  const isLast = clamps > MAX_CLAMPS
  const cap = isLast ? floor : largestFitting(one => needs(one) <= remaining, floor, current - 1)
  return { ...adjustment, clamps, maxOutputTokens: cap }
}

function downgrade({ route, adjustment }: Refused, model: string): Adjustment | undefined {
  const current = `${route.provider.name}/${route.model}`
  if (adjustment.downgradedFrom.includes(current) || adjustment.model === model) return undefined
  return { model, clamps: 0, downgradedFrom: [...adjustment.downgradedFrom, current] }
}

/** What the limit that refused says is to be done; `undefined`: refuse. */
export function adjust(refused: Refused): Adjustment | undefined {
  const { limitId } = refused.answer.standing
  const onExceed = refused.snapshot.limits.find(limit => limit.id === limitId)?.onExceed
  if (onExceed?.kind === 'clamp') return clamp(refused, onExceed.minOutputTokens)
  if (onExceed?.kind === 'downgrade') return downgrade(refused, onExceed.model)
  return undefined
}
