import { HOUR_MS } from '../core/window/hour.ts'
import type { TenantDay } from '../db/archive-day.ts'
import { findDirtyHours, type TenantHour } from '../db/find-dirty-hours.ts'
import { findDueDays } from '../db/find-due-days.ts'
import { DAY_MS } from '../db/hours.ts'
import { rollUpDay } from '../db/roll-up-day.ts'
import { rollUpHour } from '../db/roll-up-hour.ts'
import type { ShardPorts } from './ports.ts'

/** The most hours, and days, that one run rolls up; the rest waits for the next minute. */
const MAX_HOURS = 200
const MAX_DAYS = 30

/** How long after its end an hour is rolled up: most of its calls have ended by then, and each event that is late writes rows again. */
const HOUR_SETTLES_MS = 10 * 60_000
const DAY_SETTLES_MS = HOUR_MS

type Counts = { done: number; failed: number }
type Waiting = TenantHour | TenantDay

async function isDone(one: Waiting, ports: ShardPorts): Promise<boolean> {
  try {
    await ('hourMs' in one ? rollUpHour(ports.events, one) : rollUpDay(ports.events, one))
    return true
  } catch (error) {
    const { tenantId, ...when } = one
    const what = 'hourMs' in when ? { hour_ms: when.hourMs } : { day_ms: when.dayMs }
    ports.log({ event: 'roll_up_failed', tenant_id: tenantId, ...what, error: String(error) })
    return false
  }
}

// One after the other: D1 runs one statement at a time, and requests wait behind ours.
async function inTurn(all: Waiting[], ports: ShardPorts): Promise<number> {
  let done = 0
  for (const one of all) if (await isDone(one, ports)) done += 1
  return done
}

/**
 * Rolls up hours that are over and have changed, then days that are over and whose hours have, the oldest first. Repeating it,
 * or running it beside itself, changes nothing; counts are of hours and days.
 */
export async function rollUp(ports: ShardPorts): Promise<Counts> {
  const nowMs = ports.nowMs()
  const hours = await findDirtyHours(ports.events, { startedByMs: nowMs - HOUR_MS - HOUR_SETTLES_MS, limit: MAX_HOURS })
  const hoursDone = await inTurn(hours, ports)
  const days = await findDueDays(ports.events, { startedByMs: nowMs - DAY_MS - DAY_SETTLES_MS, limit: MAX_DAYS })
  const done = hoursDone + (await inTurn(days, ports))
  return { done, failed: hours.length + days.length - done }
}
