/** Each round one of those who change the same thing gets through, so this many may do so at once. */
const MAX_ROUNDS = 25

/** Repeats what reads and writes as long as it answers `undefined`: others wrote in between, and it must read again. */
export async function retryWhileStale<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const result = await attempt()
    if (result !== undefined) return result
  }
  throw new Error(`others changed the same ${MAX_ROUNDS} times in a row`)
}
