/** Microseconds of the machine's own clock, which all of its processes share. */
export function nowMicros() {
  return Number(process.hrtime.bigint() / 1000n)
}

/** What marks a time in the text of a chunk: it survives a translation, as all text does. */
export const MARK = '@'
/** The digits behind a mark. */
export const STAMP_DIGITS = 16

/** A time as it is written into a chunk. */
export function stampOf(micros) {
  return MARK + String(micros).padStart(STAMP_DIGITS, '0')
}
