import { GatewayError } from '../../errors/gateway-error.ts'
import { askUsage } from '../analytics/ask-usage.ts'
import { usdOf } from '../analytics/render-money.ts'
import type { ControlContext } from '../http/env.ts'
import { timeRange } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { ALL_TIME, ENTITY_SUMS, type EntitySum, renderEntity } from './render-entity.ts'

function together(sums: EntitySum[]): EntitySum {
  const total = (name: 'events' | 'input_tokens' | 'output_tokens') => sums.reduce((sum, one) => sum + one[name], 0)
  return {
    group: {},
    ...{ events: total('events'), input_tokens: total('input_tokens'), output_tokens: total('output_tokens') },
    cost_nano: sums.reduce((sum, one) => sum + one.cost_nano, 0n),
    first_ms: Math.min(...sums.map(one => one.first_ms ?? Number.POSITIVE_INFINITY)),
    last_ms: Math.max(...sums.map(one => one.last_ms ?? 0)),
  }
}

/** `GET /v1/entities/:type/:id`: one that costs were of, with what each model cost it. */
export async function getEntity(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const entity = { entity_type: c.req.param('type') ?? '', entity_id: c.req.param('id') ?? '' }
  const range = { ...ALL_TIME, ...timeRange(c.req.query()) }
  const question = { tenantId: c.get('principal').tenantId, range, filter: entity, sums: ENTITY_SUMS }
  const sums = await askUsage({ ...question, groupBy: ['model'] }, ports)
  if (sums.length === 0) throw new GatewayError('not_found', 'There are no events of such an entity.')
  const models = sums.map(({ group, cost_nano }) => [group.model, cost_nano] as const)
  return c.json({
    ...renderEntity({ ...together(sums), group: entity }),
    cost_by_model: Object.fromEntries(models.map(([model, nano]) => [model, usdOf(nano)])),
    cost_by_model_nano: Object.fromEntries(models.map(([model, nano]) => [model, String(nano)])),
  })
}
