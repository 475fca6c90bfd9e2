import { HOUR_MS } from '../../core/window/hour.ts'
import { DAY_MS } from '../../db/hours.ts'
import { findUnpackedDays } from '../../db/segment/find-unpacked-days.ts'
import type { ShardPorts } from '../ports.ts'
import { tryPackDay } from './pack-day.ts'

/** The most days that one run writes, and after how many events it stops; the rest waits for the next minute. */
const MAX_DAYS = 30
const ENOUGH_EVENTS = 500_000
/** How long after its end a day is written: events that are late have it written again. */
const SETTLES_MS = 2 * HOUR_MS

/**
 * Writes segments of days that are over and whose hours are all rolled up. Repeating it, or running it beside itself, changes nothing;
 * counts are days.
 */
export async function packDays(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const at = { startedByMs: ports.nowMs() - DAY_MS - SETTLES_MS, limit: MAX_DAYS }
  const counts = { done: 0, failed: 0 }
  let read = 0
  for (const day of await findUnpackedDays(ports.events, at)) {
    const { isPacked, events } = await tryPackDay(day, ports)
    counts[isPacked ? 'done' : 'failed'] += 1
    read += events
    if (read >= ENOUGH_EVENTS) break
  }
  return counts
}
