import type { Demand } from './demand.ts'
import type { Case } from './world.ts'

type Size = Pick<Case, 'keys' | 'perSecond' | 'minutes'> & { regions: number[]; demands: Demand[] }

const BOTH: Demand[] = ['uniform', 'zipf']

// Hours of budget where there are few keys. With more keys there are fewer requests for each, and minutes, so that a run is
// over in minutes too.
const FULL: Size[] = [
  { keys: 10, perSecond: 5, minutes: 120, regions: [1, 3, 7], demands: BOTH },
  { keys: 100, perSecond: 10, minutes: 120, regions: [1, 3, 7], demands: BOTH },
  { keys: 1000, perSecond: 50, minutes: 30, regions: [1, 3, 7], demands: BOTH },
  { keys: 10_000, perSecond: 500, minutes: 2, regions: [1, 7], demands: BOTH },
  { keys: 100_000, perSecond: 500, minutes: 1, regions: [1, 7], demands: BOTH },
]
const QUICK: Size[] = [
  { keys: 10, perSecond: 5, minutes: 30, regions: [1, 7], demands: BOTH },
  { keys: 1000, perSecond: 50, minutes: 5, regions: [1, 7], demands: BOTH },
]

/** Every case of a run, each from the same seed. */
export function casesOf(isQuick: boolean, seed: number): Case[] {
  return (isQuick ? QUICK : FULL).flatMap(({ keys, perSecond, minutes, regions, demands }) =>
    regions.flatMap(count => demands.map(demand => ({ keys, perSecond, minutes, regions: count, demand, seed }))),
  )
}

/** For how many meters the fan-out of one refusal is looked at. */
export const fanOuts = (isQuick: boolean): number[] =>
  isQuick ? [10, 100, 1000, 10_000] : [10, 100, 1000, 10_000, 100_000]
