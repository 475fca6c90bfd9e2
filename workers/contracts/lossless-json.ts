type RawNumber = { readonly rawJSON: string }

declare global {
  interface JSON {
    rawJSON(text: string): RawNumber
    isRawJSON(value: unknown): value is RawNumber
  }
}

/**
 * Finds any number that JavaScript prints otherwise than it was written: long ones, `1e3`, `1.0`, `0.0000001`, `-0`.
 * It also fires inside strings, which costs a little time and changes nothing. Every repeat is bounded, so that no
 * text makes it slow.
 */
const MAY_CHANGE = /\d(?:[eE]|[\d.]{15}|\.\d{0,13}0(?!\d)|\.0{6}|(?<=-0)(?![\d.]))/

/** `1e308` prints as `1e+308`: the same number in the same form, so it may stay a plain one. */
function isPrintedAs(value: number, source: string): boolean {
  return String(value) === source.toLowerCase().replace(/e(?=\d)/, 'e+')
}

function keepNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || isPrintedAs(value, source)) return value
  return JSON.rawJSON(source)
}

/**
 * `JSON.parse`, but a number that JavaScript would print differently is kept as it was sent, so that
 * `JSON.stringify` returns it digit for digit. Read numbers with `plainNumber`. Throws SyntaxError where the text is no
 * JSON, RangeError where it is nested deeper than the stack. Kept numbers do not survive structured clone (RPC).
 */
export function parseLossless(text: string): unknown {
  return MAY_CHANGE.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text)
}

/** The nearest double of a number from `parseLossless` (infinite where it is beyond any), `undefined` for all else. */
export function plainNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return JSON.isRawJSON(value) ? Number(value.rawJSON) : undefined
}
