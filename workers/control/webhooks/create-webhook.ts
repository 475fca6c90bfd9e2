import { z } from 'zod'
import { WebhookInput } from '../../contracts/webhook-input.ts'
import type { Principal } from '../../core/access/principal.ts'
import type { WebhookRow } from '../../db/find-webhooks.ts'
import { insertWebhook, RESUMED } from '../../db/save-webhook.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { checkUrl } from './check-url.ts'
import { renderWebhook } from './render-webhook.ts'
import { makeSecret } from './webhook-secret.ts'

/** Each usage event is written once more for every webhook that wants it. */
const MAX_WEBHOOKS = 20

async function newWebhook(input: WebhookInput, { tenantId, kind, id: by }: Principal, ports: ActingPorts) {
  const url = checkUrl(input.url, ports)
  const id = ports.newId()
  const nowMs = ports.nowMs()
  const { secret, secretSealed } = await makeSecret(input.secret, { tenantId, webhookId: id }, ports)
  const sealed = { secretSealed, previousSealed: null, previousUntilMs: null }
  const times = { version: 1, createdMs: nowMs, updatedMs: nowMs }
  const what = { tenantId, id, url, events: input.events, active: input.active ?? true }
  const row: WebhookRow = { ...what, ...sealed, ...RESUMED, createdBy: `${kind}:${by}`, ...times }
  return { row, secret }
}

/** `POST /v1/webhooks`. The answer is the only one that ever holds the secret. */
export async function createWebhook(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: WebhookInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { row, secret } = await newWebhook(input, c.get('principal'), ports)
  const resource = { type: 'webhook', id: row.id }
  const audit = auditRow(row.tenantId, { action: 'webhook.create', resource, before: null, after: row }, ports)
  if (!(await insertWebhook(ports.db, row, { audit, max: MAX_WEBHOOKS }))) {
    throw new GatewayError('request_invalid', `A tenant has at most ${MAX_WEBHOOKS} webhooks: delete one first.`)
  }
  return c.json({ ...renderWebhook(row, ports.nowMs()), secret }, 201, { etag: etagOf(row.version) })
}
