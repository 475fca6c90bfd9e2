import { z } from 'zod'
import { RecomputeInput } from '../../contracts/admin-tenant-input.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { DAY_MS } from '../../db/hours.ts'
import { countWaiting, type HourRange, recomputeRollups, type Waiting } from '../../db/recompute-rollups.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam, timeRange } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { requireTenant } from '../tenant/change-tenant.ts'

/** So much at once: a longer time is asked for in parts. */
const MAX_DAYS = 31

const count = z.int().min(0)

/** What of a range waits to be summed anew. */
export const RollupsShape = z.object({
  waiting_hours: count,
  waiting_days: count,
  archived_days: count.meta({ description: 'Their sums stay as they are.' }),
})

async function rangeOf(
  c: ControlContext,
  asked: { start_date?: string | undefined; end_date?: string | undefined },
  ports: ControlPorts,
): Promise<HourRange> {
  const { id: tenantId } = await requireTenant(asTenantId(c.req.param('id') ?? ''), ports)
  const { startMs, endMs } = timeRange(asked)
  if (startMs === undefined) throw badParam('start_date', 'given')
  if (endMs === undefined) throw badParam('end_date', 'given')
  if (endMs - startMs > MAX_DAYS * DAY_MS) throw badParam('end_date', `at most ${MAX_DAYS} days after start_date`)
  return { tenantId, startMs, endMs }
}

function render({ hours, days, archivedDays }: Waiting): z.input<typeof RollupsShape> {
  return { waiting_hours: hours, waiting_days: days, archived_days: archivedDays }
}

async function answerOf(range: HourRange, ports: ControlPorts) {
  return { data: render(await countWaiting(await ports.eventsDb(range.tenantId), range)) }
}

/** `GET /v1/admin/tenants/:id/rollups`: what of a range waits to be summed. */
export async function getRollups(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return c.json(await answerOf(await rangeOf(c, c.req.query(), ports), ports))
}

/** `POST /v1/admin/tenants/:id/rollups`: has the sums of a range made anew from its events. The cron does it, some hours a minute. */
export async function recomputeTenant(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: RecomputeInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const range = await rangeOf(c, await readJson(c.req.raw, body), ports)
  const { tenantId, ...after } = range
  const resource = { type: 'tenant', id: tenantId }
  const audit = auditRow(tenantId, { action: 'tenant.recompute', resource, before: null, after }, ports)
  await recomputeRollups({ db: ports.db, events: await ports.eventsDb(tenantId) }, range, audit)
  return c.json(await answerOf(range, ports), 202)
}
