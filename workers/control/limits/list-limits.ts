import { listLimits as listRows } from '../../db/find-limits.ts'
import type { ControlContext } from '../http/env.ts'
import { wholeNumber } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { showLimits } from './show-limits.ts'

const MAX_OFFSET = 1_000_000

/** `GET /v1/limits`: a page of the tenant's limits above the virtual key, in the order of their making. */
export async function listLimits(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const tenantId = c.get('tenantId')
  const limit = wholeNumber(query, 'limit', { min: 1, max: 100, otherwise: 50 })
  const offset = wholeNumber(query, 'offset', { min: 0, max: MAX_OFFSET, otherwise: 0 })
  const { limits, total } = await listRows(ports.db, { tenantId, scope: query.scope || undefined, limit, offset })
  const pagination = { total, limit, offset, has_more: offset + limits.length < total }
  return c.json({ data: await showLimits(tenantId, limits, ports), pagination })
}
