import type { Standing } from './admit.ts'
import type { Unit } from './limit.ts'

// What is counted elsewhere tells little of how its limit stands.
function isTighter(one: Standing, other: Standing): boolean {
  return one.isLeased === other.isLeased ? one.remaining < other.remaining : other.isLeased
}

/** Of each unit that has a limit the standing with the least left; one that is leased only where all of its unit are. */
export function tightestStandings(standings: Standing[]): Standing[] {
  const tightest = new Map<Unit, Standing>()
  for (const standing of standings) {
    const known = tightest.get(standing.unit)
    if (!known || isTighter(standing, known)) tightest.set(standing.unit, standing)
  }
  return [...tightest.values()]
}
