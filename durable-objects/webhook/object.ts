import { DurableObject } from 'cloudflare:workers'
import { deliverDue } from '../../workers/accounting/webhooks/deliver-due.ts'
import { deliveryPorts } from '../../workers/bindings/delivery-ports.ts'
import { webhookOf } from '../../workers/core/webhooks/webhook-ref.ts'
import { describe } from '../../workers/telemetry/log.ts'

/** When to look again where D1 did not answer, in milliseconds. */
const AGAIN_MS = 30_000

/**
 * Delivers to one webhook, one run at a time: a slow endpoint waits for itself alone. Its outbox is in D1; all that it has is an
 * alarm, and one that is lost is set again by the cron.
 */
export class WebhookObject extends DurableObject<Env> {
  readonly #ports = deliveryPorts(this.env)

  /** Has what is due sent, soon and not in this call. Waking it twice is waking it once. */
  async wake({ nowMs }: { nowMs: number }): Promise<void> {
    await this.#setEarlier(nowMs)
  }

  override async alarm(): Promise<void> {
    const nextMs = await this.#run()
    if (nextMs !== undefined) await this.#setEarlier(nextMs)
  }

  async #run(): Promise<number | undefined> {
    const ref = webhookOf(this.ctx.id.name ?? '')
    try {
      return await deliverDue(ref, this.#ports)
    } catch (thrown) {
      const { tenantId: tenant_id, webhookId: webhook_id } = ref
      this.#ports.log({ event: 'webhook_run_failed', tenant_id, webhook_id, error: describe(thrown) })
      return this.#ports.nowMs() + AGAIN_MS
    }
  }

  // Who was woken while it ran has set an alarm already, which is not to be put off.
  async #setEarlier(atMs: number): Promise<void> {
    const setMs = await this.ctx.storage.getAlarm()
    if (setMs === null || setMs > atMs) await this.ctx.storage.setAlarm(atMs)
  }
}
