import { HOUR_MS } from '../../core/window/hour.ts'
import { DAY_MS } from '../../db/hours.ts'
import { findUnpackedDays } from '../../db/segment/find-unpacked-days.ts'
import type { ShardPorts } from '../ports.ts'
import { packDay } from './pack-day.ts'

/** The most days that one run writes; the rest waits for the next minute. */
const MAX_DAYS = 30
/** How long after its end a day is written: events that are late have it written again. */
const SETTLES_MS = 2 * HOUR_MS

/**
 * Writes segments of days that are over and whose hours are all rolled up. Repeating it, or running it beside itself, changes nothing;
 * counts are days.
 */
export async function packDays(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const at = { startedByMs: ports.nowMs() - DAY_MS - SETTLES_MS, limit: MAX_DAYS }
  const days = await findUnpackedDays(ports.events, at)
  let done = 0
  for (const day of days) {
    try {
      if (await packDay(day, ports)) done += 1
    } catch (error) {
      ports.log({ event: 'pack_day_failed', tenant_id: day.tenantId, day_ms: day.dayMs, error: String(error) })
    }
  }
  return { done, failed: days.length - done }
}
