import { DAY_MS } from '../../db/hours.ts'
import { rowsToRead } from '../../db/rollup/choose-source.ts'
import type { SumQuery } from '../../db/rollup/sum-query.ts'
import { badParam } from '../http/query.ts'

/** The longest range, in days, by what has to be read for it: what one answer may hold, and what D1 may read. */
const MAX_DAYS = { days: 3660, hours: 400, combinations: 400, events: 92 }
const WHY = {
  days: '',
  hours: ' with group_by=hour',
  combinations: ' where several names are asked for at once',
  events: ' where a tag is asked for together with other names, or with other tags',
}

/** Refuses a range that is too long for what is asked of it. Throws `request_invalid`. */
export function checkRange(query: SumQuery): void {
  const read = rowsToRead(query)
  const days = MAX_DAYS[read]
  const { startMs, endMs } = query.range
  if (endMs - startMs > days * DAY_MS) {
    throw badParam('end_date', `at most ${days} days after start_date${WHY[read]}`)
  }
}
