import { signatureHeaders } from '../../core/webhooks/sign-payload.ts'
import { webhookSealOwner } from '../../core/webhooks/webhook-ref.ts'
import type { WebhookRow } from '../../db/find-webhooks.ts'
import type { DeliveryTry } from '../../db/schema/webhooks.ts'
import type { DeliveryRow } from '../../db/webhook-deliveries.ts'
import type { DeliveryPorts } from './ports.ts'

/** The endpoint says that it is no more. Source: Standard Webhooks, and RFC 9110, section 15.5.11. */
const GONE = 410

/** What came of one try. */
export type Sent = { told: DeliveryTry; isDelivered: boolean; isGone: boolean }

type Answer = Pick<DeliveryTry, 'status' | 'error'>

// The secret before a rotation goes on being signed with for a while, for receivers that do not know the new one yet.
async function secretsOf(webhook: WebhookRow, ports: DeliveryPorts): Promise<string[]> {
  const { tenantId, id: webhookId, secretSealed, previousSealed, previousUntilMs } = webhook
  const isGood = previousSealed !== null && ports.nowMs() < (previousUntilMs ?? 0)
  const sealed = [secretSealed, ...(isGood ? [previousSealed] : [])]
  const opened = await Promise.all(sealed.map(one => ports.openSecret(one, webhookSealOwner({ tenantId, webhookId }))))
  return opened.filter(text => text !== undefined)
}

function errorOf(status: number): string | null {
  if (status >= 200 && status < 300) return null
  return status >= 300 && status < 400 ? 'redirects are not followed' : `the endpoint answered ${status}`
}

function failureOf(thrown: unknown, { timeoutMs }: DeliveryPorts): string {
  const isLate = thrown instanceof Error && /Timeout|Abort/.test(thrown.name)
  return isLate ? `the endpoint did not answer within ${timeoutMs} ms` : 'the endpoint could not be reached'
}

async function post(delivery: DeliveryRow, webhook: WebhookRow, ports: DeliveryPorts): Promise<Answer> {
  const flaw = ports.addressFlaw(webhook.url)
  if (flaw) return { status: null, error: `the address may not be called: ${flaw}` }
  const secrets = await secretsOf(webhook, ports)
  if (secrets.length === 0) return { status: null, error: 'its secret does not open any more: rotate it' }
  const { payload, eventId, eventType } = delivery
  const names = { 'x-weir-event': eventType, 'x-weir-event-id': eventId }
  const headers = {
    ...{ 'content-type': 'application/json', 'user-agent': 'Weir-Webhooks/1', ...names },
    ...signatureHeaders({ payload, atMs: ports.nowMs(), secrets }),
  }
  const signal = AbortSignal.timeout(ports.timeoutMs)
  const response = await ports.fetch(webhook.url, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: payload,
    signal,
  })
  // Nobody reads what it says: the status is the answer.
  await response.body?.cancel().catch(() => undefined)
  return { status: response.status, error: errorOf(response.status) }
}

/** Sends a delivery once. Never throws: what goes wrong is told in its log. */
export async function sendOnce(delivery: DeliveryRow, webhook: WebhookRow, ports: DeliveryPorts): Promise<Sent> {
  const startMs = ports.nowMs()
  const { status, error } = await post(delivery, webhook, ports).catch(
    (thrown): Answer => ({ status: null, error: failureOf(thrown, ports) }),
  )
  const told = { at_ms: startMs, status, error, latency_ms: ports.nowMs() - startMs }
  return { told, isDelivered: error === null, isGone: status === GONE }
}
