/** `amount` / 10^`places` as a decimal, exactly: without exponent, without trailing zeros. */
export function decimalText(amount: bigint, places: number): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(places + 1, '0')
  const at = digits.length - places
  const fraction = digits.slice(at).replace(/0+$/, '')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, at)}${fraction && `.${fraction}`}`
}
