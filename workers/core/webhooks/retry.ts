/** How often a delivery is tried before it is given up. */
export const MAX_TRIES = 10
/** An endpoint that has failed so often in a row, and for so long, is paused. */
export const PAUSE_AFTER = { failures: 10, ms: 24 * 3_600_000 }
/** How long what was delivered or given up is kept, and how long what waits for a paused endpoint waits, in milliseconds. */
export const KEEP_MS = { ended: 30 * 86_400_000, waiting: 7 * 86_400_000 }

const FIRST_DELAY_MS = 5_000
const FACTOR = 3.2
/** A fifth more or less, so that what failed together is not tried again together. */
const JITTER = 0.2

/** How long to wait after the try of this number (1 is the first), given a random number from 0 to 1; `undefined`: it was the last. */
export function delayAfter(tries: number, random: number): number | undefined {
  if (tries >= MAX_TRIES) return undefined
  const delay = FIRST_DELAY_MS * FACTOR ** (tries - 1)
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random))
}
