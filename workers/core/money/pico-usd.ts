const PICO_DIGITS = 12

/** Pico-dollars as decimal dollars, exactly: `0.0000025`, without exponent or trailing zeros. */
export function usdFromPico(pico: bigint): string {
  const digits = String(pico < 0n ? -pico : pico).padStart(PICO_DIGITS + 1, '0')
  const fraction = digits.slice(-PICO_DIGITS).replace(/0+$/, '')
  return `${pico < 0n ? '-' : ''}${digits.slice(0, -PICO_DIGITS)}${fraction && `.${fraction}`}`
}
