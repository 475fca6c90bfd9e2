import { intervalAt } from '../../core/window/interval-at.ts'
import type { LimitRows } from '../../db/key-record.ts'
import type { LimitUsage } from '../ports.ts'
import { limitsOf } from './limits-of.ts'

/** How each limit of an owner stands in its current window, by the limit's id. */
export type KeyUsage = Map<string, { used: number; startMs: number }>

/** The usage of an owner that has used nothing of what the readings do not tell. */
export function keyUsage(record: LimitRows, readings: LimitUsage[], nowMs: number): KeyUsage {
  const current = new Map(readings.filter(({ endMs }) => endMs > nowMs).map(reading => [reading.limitId, reading]))
  return new Map(
    limitsOf(record).map(({ id, window }) => {
      const { used = 0, startMs = intervalAt(window, nowMs).startMs } = current.get(id) ?? {}
      return [id, { used, startMs }]
    }),
  )
}
