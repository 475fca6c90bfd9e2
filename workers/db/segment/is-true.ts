import { DAY_MS } from '../hours.ts'
import { FORMAT } from './segment-names.ts'

/**
 * Whether the objects of a row of `day_segment` have the day's events, all of them and as they are: who books an event marks its hour in
 * the same transaction, and who takes that mark makes the day due.
 */
export const isTrue = (row: string) => `${row}.due = 0 AND ${row}.format = ${FORMAT} AND ${row}.objects <> '[]'
  AND NOT EXISTS (SELECT 1 FROM dirty_hour AS dirty WHERE dirty.tenant_id = ${row}.tenant_id
    AND dirty.hour_ms >= ${row}.day_ms AND dirty.hour_ms < ${row}.day_ms + ${DAY_MS})`
