import type { TenantId } from '../../core/access/tenant-id.ts'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import { findPriceOverrides } from '../../db/find-price-overrides.ts'
import { findEventsById, reportEvents } from '../../db/report-events.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { flawedItems, type ItemFlaw } from './item-flaws.ts'
import { type Reports, readReports } from './read-reports.ts'
import { reportedEvent } from './reported-event.ts'
import { sameReport } from './same-report.ts'

type Prepared = { reports: Reports; events: RecordedEvent[] }

async function prepare(reports: Reports, tenantId: TenantId, ports: ActingPorts): Promise<Prepared> {
  const overrides = await findPriceOverrides(ports.db, tenantId)
  const sources = { known: ports.pricedModel, overrides }
  const made = reports.reports.map((report, index) => reportedEvent([report, index], tenantId, sources))
  const flaws = made.filter((one): one is ItemFlaw => 'param' in one)
  if (flaws.length > 0) throw flawedItems('request_invalid', flaws, reports.isBatch)
  return { reports, events: made.filter((one): one is RecordedEvent => !('param' in one)) }
}

// What was reported before stays as it was: a report that says otherwise is refused, and so is all that came with it.
function refuseOthers({ reports, events }: Prepared, there: Map<string, RecordedEvent>): void {
  const flaws = events.flatMap((event, index) => {
    const before = there.get(event.id)
    const [report] = [reports.reports[index]]
    if (!before || !report || sameReport(event, before, report.cost_usd !== undefined)) return []
    return [{ index, param: 'external_id', message: 'was reported before at this timestamp with other content' }]
  })
  if (flaws.length > 0) throw flawedItems('event_reported', flaws, reports.isBatch)
}

async function book(events: RecordedEvent[], tenantId: TenantId, ports: ActingPorts): Promise<void> {
  const [first] = events
  if (!first) return
  const after = { events: events.length, costNano: events.reduce((sum, { cost_nano }) => sum + cost_nano, 0) }
  const change = { action: 'usage_event.report', resource: { type: 'usage_event', id: first.id } } as const
  const dbs = { db: ports.db, events: await ports.eventsDb(tenantId) }
  await reportEvents(dbs, { tenantId, events }, auditRow(tenantId, { ...change, before: null, after }, ports))
}

/**
 * `POST /v1/events`: books calls that did not pass through the gateway, all or none. The same `external_id` and `timestamp` is
 * the same event: repeating a report changes nothing, and is told.
 */
export async function postEvents(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const read = await readReports(c.req.raw, { nowMs: ports.nowMs(), maxBytes: ports.maxBodyBytes })
  const prepared = await prepare(read, tenantId, ports)
  const ids = prepared.events.map(({ id }) => id)
  const db = await ports.eventsDb(tenantId)
  const there = new Map((await findEventsById(db, { tenantId, ids })).map(event => [event.id, event]))
  refuseOthers(prepared, there)
  const fresh = prepared.events.filter(({ id }) => !there.has(id))
  await book(fresh, tenantId, ports)
  const data = prepared.events.map(({ id, cost_nano }, index) => {
    const kept = there.get(id)?.cost_nano ?? cost_nano
    const names = { id, external_id: read.reports[index]?.external_id, created: !there.has(id) }
    return { ...names, cost_usd: usdFromNano(kept), cost_nano: String(kept) }
  })
  const counts = { accepted: ids.length, created: fresh.length, duplicates: ids.length - fresh.length }
  return c.json({ data, ...counts }, fresh.length > 0 ? 201 : 200)
}
