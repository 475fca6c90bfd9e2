import type { TenantHour } from '../db/find-dirty-hours.ts'
import { findWaitingHours } from '../db/find-waiting-hours.ts'
import { readHour } from '../db/read-hour.ts'
import { saveComparison } from '../db/save-comparison.ts'
import { compareKeyHour } from './compare-key-hour.ts'
import { correctionEvent } from './correction-event.ts'
import { keyHoursOf } from './key-hours.ts'
import type { ShardPorts } from './ports.ts'

/** The most tenants' hours that one run compares; the rest waits for the next minute. */
const MAX_HOURS = 50

async function reconcileHour(hour: TenantHour, ports: ShardPorts, runMs: number): Promise<number> {
  const reading = await readHour(ports.events, hour)
  const comparisons = new Map(
    keyHoursOf(reading).map(([keyId, one]) => [keyId, compareKeyHour(one, hour.hourMs, runMs)]),
  )
  const seen = [...comparisons].flatMap(([virtual_key_id, one]) => one.seen.map(row => ({ virtual_key_id, ...row })))
  const corrections = [...comparisons].flatMap(([keyId, { correction }]) => {
    if (!correction) return []
    const { revision, ...gap } = correction
    return [correctionEvent({ ...hour, keyId, revision, gap }, runMs)]
  })
  const compared = reading.stated.map(({ virtual_key_id, meter, change_seq }) => {
    const due_ms = comparisons.get(virtual_key_id)?.dueMs ?? null
    return { virtual_key_id, meter, change_seq, due_ms }
  })
  const isRollupWrong = [...comparisons.values()].some(one => one.isRollupWrong)
  await saveComparison(ports.events, { hour, runMs, compared, seen, corrections, isRollupWrong })
  return seen.filter(one => one.first_seen_ms === runMs).length
}

async function isReconciled(hour: TenantHour, ports: ShardPorts, runMs: number): Promise<boolean> {
  const { tenantId: tenant_id, hourMs: hour_ms } = hour
  try {
    const differences = await reconcileHour(hour, ports, runMs)
    if (differences > 0) ports.log({ event: 'reconcile_difference', tenant_id, hour_ms, differences })
    return true
  } catch (error) {
    ports.log({ event: 'reconcile_failed', tenant_id, hour_ms, error: String(error) })
    return false
  }
}

/**
 * Compares hours that meters have stated, or of which events came later, with events and rollups, and corrects what stays
 * different. Repeating it, or running it beside itself, corrects once; counts are tenants' hours.
 */
export async function reconcile(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const nowMs = ports.nowMs()
  const hours = await findWaitingHours(ports.events, { nowMs, limit: MAX_HOURS })
  let done = 0
  // One after the other: D1 runs one statement at a time, and requests wait behind ours.
  for (const hour of hours) {
    if (await isReconciled(hour, ports, nowMs)) done += 1
  }
  return { done, failed: hours.length - done }
}
