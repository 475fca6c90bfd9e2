/** Decimal dollars of any sum of nano-dollars; beyond what a double tells apart, the nearest. */
export function usdOf(nano: bigint): number {
  return Number(nano) / 1e9
}

/** A sum of money as decimal dollars and as exact nano-dollars. */
export function renderCost(nano: bigint) {
  return { cost_usd: usdOf(nano), cost_nano: String(nano) }
}

/** What a part is of a whole in percent, to a tenth; 0 where the whole is nothing. */
export function percentageOf(part: bigint | number, whole: bigint | number): number {
  return Number(whole) === 0 ? 0 : Math.round((Number(part) / Number(whole)) * 1000) / 10
}
