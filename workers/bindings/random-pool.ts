/** As many numbers are drawn at once: to ask the platform costs as much for one as for all. */
const POOL = 1024

/** Random numbers for ids, from the platform's generator. */
export function randomPool(): { nextUint32(): number } {
  const pool = new Uint32Array(POOL)
  let next = POOL
  return {
    nextUint32() {
      if (next === POOL) {
        crypto.getRandomValues(pool)
        next = 0
      }
      return pool[next++] as number
    },
  }
}
