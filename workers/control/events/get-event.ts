import type { TenantId } from '../../core/access/tenant-id.ts'
import { renderEvent } from '../../core/events/render-event.ts'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import { findAttempts } from '../../db/find-attempts.ts'
import { findEvent } from '../../db/find-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { readTightestBudget, type StandingBudget } from './read-tightest-budget.ts'
import { renderExplanation } from './render-explanation.ts'

function renderBudget({ id, scope, maxNano, usedNano, remainingNano, resetsMs }: StandingBudget) {
  const money = { max_usd: usdFromNano(maxNano), used_usd: usdFromNano(usedNano) }
  const resets_at = resetsMs === undefined ? null : new Date(resetsMs).toISOString()
  return { limit_id: id, scope, ...money, remaining_usd: usdFromNano(remainingNano), resets_at }
}

function renderAttempt(event: RecordedEvent) {
  const { id, attempt, provider, model, outcome, success, latency_ms, http_status: status } = event
  return { id, attempt, provider, model, outcome, success, status, latency_ms, cost_usd: usdFromNano(event.cost_nano) }
}

/** An event with how its charge came about, what is left of its tightest budget, and all attempts at its call. */
export async function explainEvent(event: RecordedEvent, tenantId: TenantId, ports: ControlPorts) {
  const db = await ports.eventsDb(tenantId)
  const [attempts, budget] = await Promise.all([
    findAttempts(db, { tenantId, id: event.id }),
    readTightestBudget(event, tenantId, ports),
  ])
  return {
    ...renderEvent(event),
    cost_explanation: renderExplanation(event),
    budget_remaining: budget ? usdFromNano(budget.remainingNano) : null,
    budget: budget ? renderBudget(budget) : null,
    attempts: attempts.map(renderAttempt),
  }
}

/** `GET /v1/events/:id`, with how its charge came about. Another tenant's event is as unknown as one that never was. */
export async function getEvent(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const event = await findEvent(await ports.eventsDb(tenantId), { tenantId, id: c.req.param('id') ?? '' })
  if (!event) throw new GatewayError('not_found', 'There is no such event.')
  return c.json(await explainEvent(event, tenantId, ports))
}
