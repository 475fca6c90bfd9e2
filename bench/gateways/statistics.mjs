// Figures over rounds, and how far another run of the same would be from them.
import { randomFrom } from '../../test/chaos/load.mjs'
import { median, quantile } from '../streams/quantile.mjs'

const DRAWS = 2000
const SHARE = 0.99
/** What starting a server anew can move; rounds of one run cannot show it. */
export const LEAST_SHARE = 0.05

function drawn(values, random) {
  return median(values.map(() => values[Math.floor(random() * values.length)]))
}

// Two runs are drawn from the rounds of this one; so far apart are their medians, but for one time in a hundred.
function spreadOf(values) {
  const random = randomFrom(values.length)
  const apart = Array.from({ length: DRAWS }, () => Math.abs(drawn(values, random) - drawn(values, random)))
  return quantile(apart, SHARE)
}

/** The median of rounds, and the distance from it within which another run on the same machine should lie. */
export function figureOf(values) {
  const known = values.filter(Number.isFinite)
  if (known.length === 0) return undefined
  const middle = median(known)
  return { median: middle, within: Math.max(spreadOf(known), Math.abs(middle) * LEAST_SHARE), rounds: known }
}

/** Whether a figure of a second run lies where the first said that it would. */
export function isWithin(first, second) {
  return Math.abs(second.median - first.median) <= first.within
}
