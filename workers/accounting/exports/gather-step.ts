import { chargesOf, groupKey } from '../../core/focus/charge.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import { type GroupAmount, gatherExport } from '../../db/advance-export.ts'
import type { ExportJob } from '../../db/export-job.ts'
import { DAY_MS, floorTo } from '../../db/hours.ts'
import type { AccountingPorts } from '../ports.ts'
import { eventsOf } from './events-of.ts'
import type { Progress, Stepped } from './write-step.ts'

/** The most events and groups of one step: what is in memory, and what one transaction writes. */
const MAX_EVENTS = 10_000
const MAX_GROUPS = 5000

type Sums = Map<string, { dayMs: number; groupKey: string; quantity: number; amountPico: bigint }>

function addEvent(sums: Sums, event: RecordedEvent): void {
  const dayMs = floorTo(DAY_MS, event.timestamp_ms)
  for (const { group, quantity, amountPico } of chargesOf(event)) {
    const key = groupKey(group)
    const name = `${dayMs} ${key}`
    const known = sums.get(name) ?? { dayMs, groupKey: key, quantity: 0, amountPico: 0n }
    sums.set(name, {
      ...known,
      quantity: known.quantity + quantity,
      amountPico: known.amountPico + amountPico,
    })
  }
}

function amountsOf(sums: Sums): GroupAmount[] {
  return [...sums.values()].map(one => ({ ...one, amountPico: String(one.amountPico) }))
}

/** Reads so many events, and adds what they were charged to the sums that the file will be made of. */
export async function gatherStep(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  const sums: Sums = new Map()
  let { cursor, events, costNano } = job
  let isMore = false
  for await (const event of eventsOf(job, ports)) {
    addEvent(sums, event)
    events += 1
    costNano += event.cost_nano
    cursor = event.id
    isMore = events - job.events >= MAX_EVENTS || sums.size >= MAX_GROUPS
    if (isMore) break
  }
  const where = isMore ? { cursor } : { cursor: '', phase: 'write' as const }
  const changes = { ...progress, ...where, events, costNano }
  return (await gatherExport(ports.db, job, { groups: amountsOf(sums), changes })) ? { ...job, ...changes } : undefined
}
