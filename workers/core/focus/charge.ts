import type { RecordedEvent } from '../usage.ts'
import { listPricesOf } from './list-price.ts'

/** Why something was charged: for usage at a price, or for what has no price of its own. */
export type ChargeKind = 'usage' | 'rounding' | 'assumed' | 'correction' | 'unitemised'

/**
 * What charges are told apart by within a UTC day: those that agree in all of it are one row. Prices are whole pico-dollars a
 * unit. `above`: the input tokens from which on they hold.
 */
export type ChargeGroup = {
  kind: ChargeKind
  team: string | null
  feature: string | null
  agent_name: string | null
  /** A JSON object whose names are in order. */
  tags: string
  provider: string
  model: string
  priced_model: string
  pricebook_version: string
  source: string | null
  tier: string | null
  above: number | null
  unit: string | null
  list_pico: number | null
  pico: number | null
}

/** So much of a group: `quantity` units of usage, or an amount in pico-dollars of what has no unit. */
export type Charge = { group: ChargeGroup; quantity: number; amountPico: bigint }

const UNPRICED = { source: null, tier: null, above: null, unit: null, list_pico: null, pico: null } as const

function sortedJson(tags: Record<string, string>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))))
}

function namesOf(event: RecordedEvent) {
  const { team, feature, agent_name, provider, model, priced_model, pricebook_version } = event
  const tags = sortedJson(event.tags)
  return { team, feature, agent_name, tags, provider, model, priced_model, pricebook_version }
}

function amount(event: RecordedEvent, kind: ChargeKind, amountPico: bigint): Charge[] {
  if (amountPico === 0n) return []
  return [{ group: { kind, ...namesOf(event), ...UNPRICED }, quantity: 0, amountPico }]
}

function usageOf(event: RecordedEvent): Charge[] {
  const detail = event.cost_detail
  if (!detail) return []
  const listed = listPricesOf(event, detail)
  const { tier, above, source } = detail
  return detail.lines.map(([unit, quantity, pico], index) => {
    const priced = { source, tier, above, unit, list_pico: listed[index] ?? pico, pico }
    return { group: { kind: 'usage', ...namesOf(event), ...priced }, quantity, amountPico: 0n }
  })
}

function otherKind({ outcome }: RecordedEvent): ChargeKind {
  if (outcome === 'correction') return 'correction'
  return outcome === 'assumed' ? 'assumed' : 'unitemised'
}

/** What an event was charged, taken apart: it sums exactly to its cost, to the pico-dollar. */
export function chargesOf(event: RecordedEvent): Charge[] {
  const whole = BigInt(event.cost_nano) * 1000n
  const isItemised = event.outcome !== 'assumed' && event.outcome !== 'correction' && event.cost_detail !== null
  if (!isItemised) return amount(event, otherKind(event), whole)
  const usage = usageOf(event)
  const itemised = usage.reduce((sum, { group, quantity }) => sum + BigInt(quantity) * BigInt(group.pico ?? 0), 0n)
  return [...usage, ...amount(event, 'rounding', whole - itemised)]
}

const FIELDS = [
  ...(['kind', 'team', 'feature', 'agent_name', 'tags', 'provider', 'model', 'priced_model'] as const),
  ...(['pricebook_version', 'source', 'tier', 'above', 'unit', 'list_pico', 'pico'] as const),
] satisfies (keyof ChargeGroup)[]

/** A group as one text: the same for groups that agree in everything. */
export function groupKey(group: ChargeGroup): string {
  return JSON.stringify(FIELDS.map(name => group[name]))
}

/** The group of a text that `groupKey` made. */
export function readGroupKey(key: string): ChargeGroup {
  const values: unknown[] = JSON.parse(key)
  // A cast of what groupKey wrote: the fields in the order of FIELDS.
  return Object.fromEntries(FIELDS.map((name, index) => [name, values[index]])) as ChargeGroup
}
