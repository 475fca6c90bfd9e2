import type { YearStart } from './window.ts'

/** A leap year, so that February 29 is a day of it. */
const LEAP_YEAR = 2024

/** Reads `MM-DD`, a day of the year; `undefined` for anything else. February 29 is one: other years have the 28th for it. */
export function parseYearStart(text: string): YearStart | undefined {
  if (!/^\d\d-\d\d$/.test(text)) return undefined
  const [month = 0, day = 0] = text.split('-').map(Number)
  const date = new Date(Date.UTC(LEAP_YEAR, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? { month, day } : undefined
}
