import type { RuleTarget } from './routing-rule.ts'

/**
 * Numbers from 0 to 1 that follow from a seed, so that what was drawn for a call is drawn again when it is looked at again.
 * Algorithm: mulberry32, https://github.com/cprosche/mulberry32
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of the targets by their weights (`random` from 0 to 1); all alike where none weighs anything. */
export function drawTarget(targets: readonly RuleTarget[], random: number): RuleTarget | undefined {
  const usable = targets.filter(({ weight }) => weight >= 0)
  const total = usable.reduce((sum, { weight }) => sum + weight, 0)
  if (total === 0) return usable[Math.floor(random * usable.length)]
  const weighted = usable.filter(({ weight }) => weight > 0)
  let left = random * total
  for (const target of weighted) {
    left -= target.weight
    if (left < 0) return target
  }
  // What rounding leaves is the last one's.
  return weighted.at(-1)
}
