import type { Random } from '../../test/sim/random.ts'

/** How requests are spread over keys: evenly, or the nth key as 1/n. */
export type Demand = 'uniform' | 'zipf'

/** Draws a key's number, from 0. */
export function keyPicker(demand: Demand, keys: number, random: Random): () => number {
  if (demand === 'uniform') return () => random.below(keys)
  const cumulative = new Float64Array(keys)
  let total = 0
  for (let n = 0; n < keys; n++) cumulative[n] = total += 1 / (n + 1)
  return () => firstAbove(cumulative, random.next() * total)
}

function firstAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}

/** A wait with this mean, as between events that know nothing of each other. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.next())
}
