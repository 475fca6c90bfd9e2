import { z } from 'zod'
import { admitKey } from '../access/admit-key.ts'
import { CostsQuery, CostsShape } from '../analytics/costs-shape.ts'
import { readCostQuery, showCosts } from '../analytics/get-costs.ts'
import { QuotaShape } from '../governance/governance-shape.ts'
import { showQuota } from '../governance/show-quota.ts'
import type { ControlContext } from '../http/env.ts'
import type { Query } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'

const DAY_MS = 86_400_000
/** What is shown where no range is asked for, in days. */
const DAYS = 30

/** The query of `GET /v1/me/usage`: that of the costs of a tenant, whose key is the one that asks. */
export const KeyUsageQuery = z.object({
  ...CostsQuery.omit({ virtual_key_id: true }).shape,
  ...{ start_date: z.string().optional(), end_date: z.string().optional() },
})

/** How a virtual key stands, and what it has spent. */
export const KeyUsageShape = z.object({
  virtual_key: QuotaShape.omit({ model_configs: true }).extend({ id: z.string() }),
  ...{ start_date: z.iso.datetime(), end_date: z.iso.datetime() },
  ...CostsShape.shape,
})

// A range with one open end is that of its other end.
function ranged({ start_date, end_date, ...query }: Query, nowMs: number): Query {
  const iso = (ms: number) => new Date(ms).toISOString()
  const endMs = Date.parse(end_date ?? '') || nowMs
  return { ...query, start_date: start_date || iso(endMs - DAYS * DAY_MS), end_date: end_date || iso(nowMs) }
}

/** `GET /v1/me/usage`: the limits of the virtual key that asks, and what it has spent; the last thirty days unless it says otherwise. */
export async function getKeyUsage(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const record = await admitKey(c, ports)
  const { tenantId, id } = record.key
  const query = readCostQuery({ ...ranged(c.req.query(), ports.nowMs()), virtual_key_id: id }, tenantId)
  const { model_configs: _, ...quota } = await showQuota(record, ports)
  const costs = await showCosts(query, ports)
  const [start_date, end_date] = [query.range.startMs, query.range.endMs].map(ms => new Date(ms).toISOString())
  return c.json({ virtual_key: { id, ...quota }, start_date, end_date, ...costs })
}
