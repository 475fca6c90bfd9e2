/** A generator of numbers in [0, 1) that a seed decides (sfc32; public domain, C. Doty-Humphrey's PractRand). */
export function randomFrom(seed) {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

/** Shares of `count` things by Zipf's law: the n-th is used in proportion to 1 / n^`exponent`. They sum to 1. */
export function zipfShares(count, exponent = 1) {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent)
  const sum = weights.reduce((a, b) => a + b, 0)
  return weights.map(weight => weight / sum)
}

/** Picks an index by shares. */
export function picker(shares) {
  let sum = 0
  const upTo = Float64Array.from(shares, share => (sum += share))
  return random => {
    const at = random() * sum
    let [low, high] = [0, upTo.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle] > at) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** Shares out `total` whole things so that each of `shares` has what it should have, to one thing, and none is left. */
export function shareOut(total, shares) {
  const sum = shares.reduce((a, b) => a + b, 0)
  let [seen, given] = [0, 0]
  return shares.map(share => {
    seen += share
    const upTo = Math.round((total * seen) / sum)
    const here = upTo - given
    given = upTo
    return here
  })
}
