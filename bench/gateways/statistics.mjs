// Figures over rounds, and how far another run of the same would be from them.
import { randomFrom } from '../../test/chaos/load.mjs'
import { median, quantile } from '../streams/quantile.mjs'

const DRAWS = 2000
const SHARE = 0.99
/** What starting a server anew can move; rounds of one run cannot show it. */
export const LEAST_SHARE = 0.05

const places = count => [Math.floor((count - 1) / 2), Math.floor(count / 2)]
const byNumber = (a, b) => a - b
const known = new Map()

// Where the median of a drawn sample lies among the sorted values depends on their number alone.
function drawnPlaces(count) {
  if (known.has(count)) return known.get(count)
  const random = randomFrom(count)
  const draw = () => {
    const sample = Array.from({ length: count }, () => Math.floor(random() * count)).sort(byNumber)
    return places(count).map(place => sample[place])
  }
  known.set(
    count,
    Array.from({ length: DRAWS }, () => [draw(), draw()]),
  )
  return known.get(count)
}

// Few rounds are nearer to each other than those of another run: with this much more, 95 in 100 simulated runs agree, be it
// with 3 rounds or with 9.
const widened = count => 1 + 8 / count ** 2

// Two runs are drawn from the rounds of this one; so far apart are their medians, but for one time in a hundred.
function spreadOf(values) {
  const sorted = values.toSorted(byNumber)
  const middle = ([low, high]) => (sorted[low] + sorted[high]) / 2
  const apart = drawnPlaces(values.length).map(([one, other]) => Math.abs(middle(one) - middle(other)))
  return quantile(apart, SHARE) * widened(values.length)
}

/** The median of rounds, and the distance from it within which another run on the same machine should lie. */
export function figureOf(values) {
  const rounds = values.filter(Number.isFinite)
  if (rounds.length === 0) return undefined
  const middle = median(rounds)
  // One round says nothing of another.
  if (rounds.length === 1) return { median: middle, within: Number.POSITIVE_INFINITY, rounds }
  return { median: middle, within: Math.max(spreadOf(rounds), Math.abs(middle) * LEAST_SHARE), rounds }
}

/** Whether a figure of a second run lies where the first said that it would. */
export function isWithin(first, second) {
  return Math.abs(second.median - first.median) <= first.within
}
