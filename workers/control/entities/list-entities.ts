import type { GroupPage } from '../../db/rollup/sum-query.ts'
import type { SumName } from '../../db/rollup/sums.ts'
import { askAllUsage } from '../analytics/ask-usage.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { oneOf, type Query, timeRange } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { ENTITY_ORDERS } from './entity-shape.ts'
import { ALL_TIME, ENTITY_SUMS, renderEntity } from './render-entity.ts'

const ORDER: Record<(typeof ENTITY_ORDERS)[number], SumName | null> = {
  total_cost: 'cost_nano',
  total_events: 'events',
  first_seen: 'first_ms',
  last_seen: 'last_ms',
  entity_id: null,
}

function readOrder(query: Query): Pick<GroupPage, 'by' | 'isDescending'> {
  const by = ORDER[oneOf(query, 'sort_by', ENTITY_ORDERS) ?? 'total_cost']
  const order = oneOf(query, 'order', ['asc', 'desc']) ?? (by === null ? 'asc' : 'desc')
  return { by, isDescending: order === 'desc' }
}

/** `GET /v1/entities`: a page of what costs were of, the dearest first, of all time unless said. */
export async function listEntities(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const page = readPage(query)
  const filter = query.type ? { entity_type: query.type } : {}
  const range = { ...ALL_TIME, ...timeRange(query) }
  const whose = { tenantId: c.get('principal').tenantId, range, groupBy: ['entity' as const], isNamed: true, filter }
  const question = { ...whose, sums: ENTITY_SUMS, page: { ...page, ...readOrder(query) } }
  const [answer] = await askAllUsage([question], ports)
  return c.json(listBody((answer?.sums ?? []).map(renderEntity), answer?.total ?? 0, page))
}
