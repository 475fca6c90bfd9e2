import { z } from 'zod'
import { WEBHOOK_EVENTS } from '../core/webhooks/webhook-event.ts'

const MAX_GRACE_SECONDS = 7 * 86_400

const noSecret = { error: 'must be 8 to 256 visible ASCII characters' }
const noEvents = { error: `must be a list of one or more of ${WEBHOOK_EVENTS.join(', ')}` }
const noGrace = { error: `must be a whole number of seconds from 0 to ${MAX_GRACE_SECONDS}` }

const url = z.string().min(1).max(2048)
const secret = z
  .string(noSecret)
  .regex(/^[\x21-\x7e]{8,256}$/, noSecret)
  .nullish()
const events = z
  .array(z.enum(WEBHOOK_EVENTS, noEvents), noEvents)
  .min(1, noEvents)
  .max(100, noEvents)
  .transform(list => [...new Set(list)])

/** The body of `POST /v1/webhooks`. Without a `secret` one is made. */
export const WebhookInput = z.object({ url, events, secret, active: z.boolean().nullish() })
export type WebhookInput = z.infer<typeof WebhookInput>

/** The body of `PUT /v1/webhooks/:id`: what is absent stays. */
export const WebhookUpdate = z.object({ url: url.nullish(), events: events.nullish(), active: z.boolean().nullish() })
export type WebhookUpdate = z.infer<typeof WebhookUpdate>

/** The body of `POST /v1/webhooks/:id/rotate-secret`, which may be left out. */
export const SecretRotation = z.object({
  secret,
  grace_seconds: z.int(noGrace).min(0, noGrace).max(MAX_GRACE_SECONDS, noGrace).nullish(),
})
export type SecretRotation = z.infer<typeof SecretRotation>
