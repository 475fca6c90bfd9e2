import { sql } from 'drizzle-orm'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { UsageEvent } from '../../core/usage.ts'
import { type WebhookEvent, webhookEvent } from '../../core/webhooks/webhook-event.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import type { Booking } from '../../db/insert-events.ts'
import { type Subscriber, tellWebhooks } from '../../db/tell-webhooks.ts'

const ATTRIBUTION = ['feature', 'team', 'agent_name', 'user_id', 'entity_type', 'entity_id', 'tags'] as const
const FACTS = ['provider', 'model', 'input_tokens', 'output_tokens', 'success', 'outcome', 'latency_ms'] as const

function picked<K extends keyof UsageEvent>(event: UsageEvent, names: readonly K[]): Pick<UsageEvent, K> {
  return Object.fromEntries(names.map(name => [name, event[name]])) as Pick<UsageEvent, K>
}

type CostEvent = WebhookEvent & { usageId: string; revision: number }

/** A usage event as webhooks are told of it: LLMGovernor's names, and what else the API shows of it. A later revision is another event. */
export function costEvent(event: UsageEvent): CostEvent {
  const { id: usageId, revision, request_id, virtual_key_id, cost_nano } = event
  const cost = { cost_usd: usdFromNano(cost_nano), cost_nano: String(cost_nano) }
  const names = { event_id: usageId, revision, request_id, virtual_key_id }
  const data = { ...names, ...cost, ...picked(event, FACTS), ...picked(event, ATTRIBUTION) }
  const subject = `${usageId}/${revision}`
  const happening = { tenantId: event.tenant_id, type: 'cost_event', subject, atMs: event.settled_ms, data } as const
  return { ...webhookEvent(happening), usageId, revision }
}

/** The statements that tell of usage events, to be run after they were booked: only of those revisions that hold by then. */
export function tellOfEvents(
  { tenantId, events }: Booking<UsageEvent>,
  to: readonly Subscriber[],
  nowMs: number,
): Statement[] {
  // Nearly nobody wants them, and they are many.
  const wanting = to.filter(one => one.events.includes('cost_event'))
  if (wanting.length === 0) return []
  const isTold = sql`EXISTS (SELECT 1 FROM usage_event AS u WHERE u.tenant_id = ${tenantId}
    AND u.id = told.value ->> 'usageId' AND u.revision = told.value ->> 'revision')`
  return [tellWebhooks({ tenantId, events: events.map(costEvent), nowMs, isTold, to: wanting })]
}
