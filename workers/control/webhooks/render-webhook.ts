import type { z } from 'zod'
import type { WebhookRow } from '../../db/find-webhooks.ts'
import type { DeliveryTry } from '../../db/schema/webhooks.ts'
import type { DeliveryRow } from '../../db/webhook-deliveries.ts'
import type { DeliveryShape, WebhookShape } from './webhook-shape.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))

function statusOf({ active, pausedMs, failures }: WebhookRow) {
  if (!active) return 'inactive'
  if (pausedMs !== null) return 'paused'
  return failures > 0 ? 'failing' : 'active'
}

/** A webhook as the API shows it. */
export function renderWebhook(row: WebhookRow, nowMs: number): z.input<typeof WebhookShape> {
  const { id, url, events, active, failures, pauseReason, previousUntilMs } = row
  return {
    ...{ id, url, events, active, status: statusOf(row) },
    ...{ paused_reason: pauseReason, paused_at: isoOrNull(row.pausedMs) },
    ...{ failures, failing_since: isoOrNull(row.failingSinceMs) },
    previous_secret_until: isoOrNull(previousUntilMs !== null && previousUntilMs > nowMs ? previousUntilMs : null),
    ...{ created_by: row.createdBy, created_at: iso(row.createdMs), updated_at: iso(row.updatedMs) },
  }
}

function renderTry({ at_ms, status, error, latency_ms }: DeliveryTry) {
  return { at: iso(at_ms), status, error, latency_ms }
}

/** A delivery as the API shows it. */
export function renderDelivery(row: DeliveryRow): z.input<typeof DeliveryShape> {
  const { eventId: id, webhookId: webhook_id, eventType: event_type, status } = row
  return {
    ...{ id, webhook_id, event_type, status, created_at: iso(row.createdMs), ended_at: isoOrNull(row.endedMs) },
    next_attempt_at: isoOrNull(row.nextMs),
    attempts: row.log.map(renderTry),
    payload: JSON.parse(row.payload),
  }
}
