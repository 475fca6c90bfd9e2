import { findDirtyHours, type TenantHour } from '../db/find-dirty-hours.ts'
import { rollUpHour } from '../db/roll-up-hour.ts'
import type { AccountingPorts } from './ports.ts'

/** The most hours that one run rolls up; the rest waits for the next minute. */
const MAX_HOURS = 200

async function isRolledUp(hour: TenantHour, ports: AccountingPorts): Promise<boolean> {
  try {
    await rollUpHour(ports.db, hour)
    return true
  } catch (error) {
    ports.log({ event: 'roll_up_failed', tenant_id: hour.tenantId, hour_ms: hour.hourMs, error: String(error) })
    return false
  }
}

/** Rolls dirty hours up, the oldest first. Repeating it, or running it beside itself, changes nothing; counts are hours. */
export async function rollUp(ports: AccountingPorts): Promise<{ done: number; failed: number }> {
  const hours = await findDirtyHours(ports.db, MAX_HOURS)
  let done = 0
  // One after the other: D1 runs one statement at a time, and requests wait behind ours.
  for (const hour of hours) {
    if (await isRolledUp(hour, ports)) done += 1
  }
  return { done, failed: hours.length - done }
}
