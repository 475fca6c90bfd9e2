import type { LimitAlert } from '../../core/quota/thresholds.ts'
import { toldAlert } from '../../core/quota/told-alert.ts'
import { type WebhookEvent, type WebhookEventType, webhookEvent } from '../../core/webhooks/webhook-event.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import type { Noticed } from '../../db/insert-alerts.ts'
import { type Subscriber, tellWebhooks } from '../../db/tell-webhooks.ts'

/** From here on a limit is used up, in percent. */
const REACHED = 100

function typesOf({ threshold, unit }: LimitAlert): WebhookEventType[] {
  const isReached = threshold >= REACHED
  return [
    'alert_triggered',
    ...(isReached ? (['limit.reached'] as const) : []),
    ...(isReached && unit === 'nano_usd' ? (['budget_exceeded'] as const) : []),
  ]
}

function namedIn(scope: string, kind: 'agent' | 'user'): string | null {
  return scope.startsWith(`${kind}:`) ? scope.slice(kind.length + 1) : null
}

function dataOf(tenantId: string, alert: LimitAlert, type: WebhookEventType) {
  const told = toldAlert(tenantId, alert)
  if (type !== 'budget_exceeded') return told
  const names = { agent_name: namedIn(alert.scope, 'agent'), user_id: namedIn(alert.scope, 'user') }
  return { ...told, ...names, current_spend: told.used_usd, budget_limit: told.max_usd }
}

/** What webhooks are told of an alert: that it is one and, from 100 percent on, that a limit was reached, and which budget exceeded. */
export function alertEvents(tenantId: string, alert: LimitAlert): WebhookEvent[] {
  const { limitId, startMs, threshold, noticedMs: atMs } = alert
  const subject = `${limitId}/${startMs}/${threshold}`
  return typesOf(alert).map(type =>
    webhookEvent({ tenantId, type, subject, atMs, data: dataOf(tenantId, alert, type) }),
  )
}

/** The statement that tells of alerts, in the transaction that keeps them. */
export function tellOfAlerts({ tenantId, alerts }: Noticed, to: readonly Subscriber[], nowMs: number): Statement {
  return tellWebhooks({ tenantId, events: alerts.flatMap(alert => alertEvents(tenantId, alert)), nowMs, to })
}
