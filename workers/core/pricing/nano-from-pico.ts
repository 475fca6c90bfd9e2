import { type NanoUsd, nanoUsd } from '../money/nano-usd.ts'

const MOST = BigInt(Number.MAX_SAFE_INTEGER)

/** Pico-dollars as nano-dollars, rounded up, so that nothing is under-charged; sums no counter can hold become the largest it can. */
export function nanoFromPico(pico: bigint): NanoUsd {
  const nano = (pico + 999n) / 1000n
  return nanoUsd(Number(nano < MOST ? nano : MOST))
}
