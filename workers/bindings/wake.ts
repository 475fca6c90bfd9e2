import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import { type WebhookRef, webhookName } from '../core/webhooks/webhook-ref.ts'
import type { ExportRef } from '../db/export-job.ts'
import { logEvent } from '../telemetry/log.ts'
import { deployment } from './deployment.ts'

/** Tells the queue of an export. To be found by the cron is enough, so a queue that is out of order is no failure. */
export async function wakeExport(env: Env, ref: ExportRef): Promise<void> {
  await env.EXPORT_QUEUE.send({ tenantId: ref.tenantId, id: ref.id }).catch(error =>
    logEvent({ event: 'export_not_queued', error: String(error) }),
  )
}

/** Tells the object of a webhook that there is something to send. */
export async function wakeWebhook(env: Env, webhook: WebhookRef): Promise<void> {
  const all = inJurisdiction(env.WEBHOOK, deployment(env).settings)
  await all.getByName(webhookName(webhook)).wake({ nowMs: Date.now() })
}
