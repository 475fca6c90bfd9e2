import { z } from 'zod'
import { WEBHOOK_EVENTS } from '../../core/webhooks/webhook-event.ts'
import { PageQuery } from '../http/page.ts'

const time = z.iso.datetime()
/** What may have become of a delivery. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const
/** What a delivery may be of. */
export const DELIVERY_TYPES = [...WEBHOOK_EVENTS, 'webhook.test'] as const

/** A webhook as the API shows it: never its secret. */
export const WebhookShape = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  active: z.boolean(),
  status: z.enum(['active', 'inactive', 'failing', 'paused']),
  paused_reason: z.string().nullable(),
  paused_at: time.nullable(),
  failures: z.int().min(0).meta({ description: 'Tries in a row that failed.' }),
  failing_since: time.nullable(),
  previous_secret_until: time.nullable().meta({ description: 'Until then is signed with the secret before as well.' }),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
})

/** The answer to a creation or a rotation, the only one that holds the secret. */
export const NewWebhookShape = z.object({ ...WebhookShape.shape, secret: z.string() })

const TryShape = z.object({
  at: time,
  status: z.int().nullable(),
  error: z.string().nullable(),
  latency_ms: z.int().min(0),
})

/** What a webhook was or is to be told, and each try of it; `attempts` holds the last fifty. */
export const DeliveryShape = z.object({
  id: z.string().regex(/^whe_/),
  webhook_id: z.string(),
  event_type: z.enum(DELIVERY_TYPES),
  status: z.enum(DELIVERY_STATUSES),
  created_at: time,
  ended_at: time.nullable(),
  next_attempt_at: time.nullable(),
  attempts: z.array(TryShape),
  payload: z.object({ id: z.string(), event_type: z.string(), timestamp: time, data: z.looseObject({}) }),
})

/** The query of `GET /v1/webhooks/:id/deliveries`. */
export const DeliveriesQuery = z.object({
  ...PageQuery.shape,
  status: z.enum(DELIVERY_STATUSES).optional(),
  event_type: z.enum(DELIVERY_TYPES).optional(),
})
