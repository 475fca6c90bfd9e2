import type { CountedUnit, UnitCounts } from '../core/pricing/index.ts'

/** Longer words are no tier's, and are not recorded. */
const MAX_WORD = 64

/** The tier that an answer says served it, where it says one. */
export function toldTier(value: unknown): { serviceTier?: string } {
  return typeof value === 'string' && value !== '' && value.length <= MAX_WORD ? { serviceTier: value } : {}
}

/** So many of a unit, where there are any. */
export function toldUnits(counts: Partial<Record<CountedUnit, number | undefined>>): { units?: UnitCounts } {
  const some = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0)
  return some.length > 0 ? { units: Object.fromEntries(some) } : {}
}

/** Counts of kinds of tokens, those of nothing left out. */
export function someTokens<K extends string>(counts: Record<K, number>): Partial<Record<K, number>> {
  const some = Object.entries<number>(counts).filter(([, count]) => count > 0)
  return Object.fromEntries(some) as Partial<Record<K, number>>
}
