declare const unit: unique symbol

/** Whole nano-dollars (1e-9 USD). Never a float, never a bare number in a signature. */
export type NanoUsd = number & { readonly [unit]: 'nano-usd' }

/** The largest amount one counter may hold: above it a double no longer counts single nano-dollars. */
export const MAX_USD = 9_000_000

/** Brands a safe whole number as nano-dollars; throws `RangeError` on anything else. */
export function nanoUsd(value: number): NanoUsd {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of nano-dollars: ${value}`)
  return value as NanoUsd
}

// Only amounts below a millionth are written with an exponent; there no two nano-dollars share a double.
function nanoFromTiny(usd: number): number | undefined {
  const nano = Math.round(usd * 1e9)
  return nano / 1e9 === usd ? nano : undefined
}

// By its digits: above $4 million two nano-dollars share one double, but not one shortest decimal.
function nanoFromDigits(text: string): number | undefined {
  const [whole = '', fraction = ''] = text.split('.')
  return fraction.length <= 9 ? Number(whole + fraction.padEnd(9, '0')) : undefined
}

/** Dollars as people and JSON write them, read to the exact nano-dollar; `undefined` when they are not exact or out of range. */
export function nanoFromUsd(usd: number): NanoUsd | undefined {
  if (!Number.isFinite(usd) || Math.abs(usd) > MAX_USD) return undefined
  const text = String(usd)
  const nano = text.includes('e') ? nanoFromTiny(usd) : nanoFromDigits(text)
  return nano !== undefined && Number.isSafeInteger(nano) ? nanoUsd(nano) : undefined
}

/** The decimal dollars that JSON shows. Display only: arithmetic stays in nano-dollars. */
export function usdFromNano(nano: number): number {
  return nano / 1e9
}

/** `0.0012`: dollars without exponent or trailing zeros, for headers and messages. */
export function formatUsd(nano: number): string {
  const whole = Math.trunc(Math.abs(nano) / 1e9)
  const fraction = String(Math.abs(nano) % 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${nano < 0 ? '-' : ''}${whole}${fraction && `.${fraction}`}`
}
