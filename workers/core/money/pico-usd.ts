const PICO_DIGITS = 12

/** Pico-dollars as decimal dollars, exactly: `0.0000025`, without exponent or trailing zeros. */
export function usdFromPico(pico: bigint): string {
  const digits = String(pico < 0n ? -pico : pico).padStart(PICO_DIGITS + 1, '0')
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '')
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -PICO_DIGITS)}${fraction && `.${fraction}`}`
}

function exactPico(usd: number): number | undefined {
  const [mantissa = '', exponent = '0'] = String(usd).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const shift = PICO_DIGITS + Number(exponent) - fraction.length
  const digits = (whole + fraction).replace(/0+$/, '')
  const zeros = shift + whole.length + fraction.length - digits.length
  if (zeros < 0 && digits !== '') return undefined
  const pico = Number(digits + '0'.repeat(Math.min(Math.max(zeros, 0), PICO_DIGITS * 2)))
  return Number.isSafeInteger(pico) ? pico : undefined
}

/**
 * Dollars as JSON writes them, read to the exact pico-dollar, also where somebody has worked them out in doubles: of
 * `5 * 1e-6`, which is 4.9999999999999996e-6, fifteen digits are meant. `undefined` where they are not whole, below 0 or too many.
 */
export function picoFromUsd(usd: number): number | undefined {
  if (!Number.isFinite(usd) || usd < 0) return undefined
  return exactPico(usd) ?? exactPico(Number(usd.toPrecision(15)))
}
