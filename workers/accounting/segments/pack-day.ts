import { MAX_ROWS } from '../../core/segment/layout.ts'
import type { TenantDay } from '../../db/archive-day.ts'
import { discardObjects, markPacked, takeDay } from '../../db/segment/pack-marks.ts'
import type { ShardPorts } from '../ports.ts'
import { writeDay } from './write-day.ts'

/** What became of a day, and how many of its events were read for it. */
export type PackedDay = { isPacked: boolean; events: number }

/**
 * Writes a day's events to R2 in columns, if they wait for it, and says that they are there. Killed anywhere, it leaves objects that the
 * next who takes the day has swept. Where its events changed meanwhile, it waits still.
 */
export async function packDay(day: TenantDay, ports: ShardPorts, maxRows = MAX_ROWS): Promise<PackedDay> {
  const packing = await takeDay(ports.events, day)
  if (!packing) return { isPacked: true, events: 0 }
  const { objects, events, isFit } = await writeDay(packing, ports, maxRows)
  const isPacked = await markPacked(ports.events, packing, { objects: isFit ? objects : [], events })
  const keys = objects.map(one => one.key)
  if (!(isPacked && isFit)) await discardObjects(ports.events, packing, keys)
  return { isPacked, events }
}

/** The same, where what goes wrong is logged, and stops nothing else. */
export async function tryPackDay(day: TenantDay, ports: ShardPorts): Promise<PackedDay> {
  try {
    return await packDay(day, ports)
  } catch (error) {
    ports.log({ event: 'pack_day_failed', tenant_id: day.tenantId, day_ms: day.dayMs, error: String(error) })
    return { isPacked: false, events: 0 }
  }
}
