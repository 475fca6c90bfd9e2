import { createHash } from 'node:crypto'

/** What a webhook may ask for, under the names of LLMGovernor (with `_`) and InfraPrism (with `.`). */
export const WEBHOOK_EVENTS = [
  'cost_event',
  'budget_exceeded',
  'alert_triggered',
  'limit.reached',
  'anomaly.detected',
  'export.completed',
] as const

/** What is told to a webhook: one of those, or the test that somebody asked for. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number] | 'webhook.test'

/** Something that happened, as every webhook that wants it is told: `payload` is the very text that is sent and signed. */
export type WebhookEvent = { id: string; type: WebhookEventType; payload: string }

/** What happened. `subject` names it within its tenant and type, so that telling of it twice is telling once. */
export type Happening = {
  tenantId: string
  type: WebhookEventType
  subject: string
  atMs: number
  data: Record<string, unknown>
}

// Begins with its instant, so that ids sort by time; the rest is of what happened, whoever tells of it and however often.
function idOf({ tenantId, type, subject, atMs }: Happening): string {
  const hash = createHash('sha256').update(JSON.stringify([tenantId, type, subject]))
  return `whe_${Math.max(0, atMs).toString(16).padStart(12, '0')}${hash.digest('hex').slice(0, 20)}`
}

/** The event of something that happened: the same one each time it is made. */
export function webhookEvent(happening: Happening): WebhookEvent {
  const id = idOf(happening)
  const { type, atMs, data } = happening
  const payload = { id, event_type: type, timestamp: new Date(atMs).toISOString(), data }
  return { id, type, payload: JSON.stringify(payload) }
}
