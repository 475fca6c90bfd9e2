import { z } from 'zod'
import { SecretRotation, WebhookUpdate } from '../../contracts/webhook-input.ts'
import { isSameDatabase } from '../../db/database.ts'
import type { WebhookRow } from '../../db/find-webhooks.ts'
import { clearOutbox, deleteWebhook as deleteRow, RESUMED, updateWebhook as saveRow } from '../../db/save-webhook.ts'
import { outboxesOf } from '../../db/shards.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { checkUrl } from './check-url.ts'
import { findMine } from './find-mine.ts'
import { renderWebhook } from './render-webhook.ts'
import { wake } from './wake.ts'
import { makeSecret } from './webhook-secret.ts'

const GRACE_SECONDS = 86_400

type Edit = { verb: 'update' | 'rotate_secret'; change(row: WebhookRow): WebhookRow | Promise<WebhookRow> }

async function attempt({ verb, change }: Edit, c: ControlContext, ports: ActingPorts) {
  const before = await findMine(c, ports)
  checkIfMatch(before.version, ports)
  const next = { version: before.version + 1, updatedMs: ports.nowMs() }
  const after: WebhookRow = { ...(await change(before)), ...next, ...RESUMED }
  const resource = { type: 'webhook', id: before.id }
  const audit = auditRow(before.tenantId, { action: `webhook.${verb}`, resource, before, after }, ports)
  return (await saveRow(ports.db, after, audit)) ? after : undefined
}

async function changeWebhook(edit: Edit, c: ControlContext, ports: ActingPorts): Promise<WebhookRow> {
  const row = await retryWhileStale(() => attempt(edit, c, ports))
  await wake(row, ports)
  return row
}

/** `PUT /v1/webhooks/:id`: changes what the body names. A paused endpoint is tried again, with what waits for it. */
export async function updateWebhook(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: WebhookUpdate, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const change = (row: WebhookRow) => ({
    ...row,
    url: input.url ? checkUrl(input.url, ports) : row.url,
    events: input.events ?? row.events,
    active: input.active ?? row.active,
  })
  const row = await changeWebhook({ verb: 'update', change }, c, ports)
  return c.json(renderWebhook(row, ports.nowMs()), 200, { etag: etagOf(row.version) })
}

/** `POST /v1/webhooks/:id/rotate-secret`. For a while is signed with the secret before as well; a second rotation ends that of the first. */
export async function rotateSecret(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = {
    schema: SecretRotation,
    maxBytes: ports.maxBodyBytes,
    explain: z.prettifyError,
    isOptional: true,
  } as const
  const { secret: asked, grace_seconds } = await readJson(c.req.raw, body)
  const { tenantId, id: webhookId } = await findMine(c, ports)
  const { secret, secretSealed } = await makeSecret(asked, { tenantId, webhookId }, ports)
  const graceMs = (grace_seconds ?? GRACE_SECONDS) * 1000
  const old = (row: WebhookRow) => ({ previousSealed: row.secretSealed, previousUntilMs: ports.nowMs() + graceMs })
  const none = { previousSealed: null, previousUntilMs: null }
  const change = (row: WebhookRow) => ({ ...row, secretSealed, ...(graceMs > 0 ? old(row) : none) })
  const row = await changeWebhook({ verb: 'rotate_secret', change }, c, ports)
  return c.json({ ...renderWebhook(row, ports.nowMs()), secret }, 200, { etag: etagOf(row.version) })
}

async function attemptDelete(c: ControlContext, ports: ActingPorts): Promise<true | undefined> {
  const before = await findMine(c, ports)
  checkIfMatch(before.version, ports)
  const resource = { type: 'webhook', id: before.id }
  const audit = auditRow(before.tenantId, { action: 'webhook.delete', resource, before, after: null }, ports)
  if (!(await deleteRow(ports.db, before, audit))) return undefined
  // It is gone, and so nothing is sent: that its log could not be deleted is no reason to say otherwise.
  for (const outbox of await outboxesOf(ports, before.tenantId).catch(() => [])) {
    if (!isSameDatabase(ports.db, outbox)) await clearOutbox(outbox, before).catch(() => undefined)
  }
  return true
}

/** `DELETE /v1/webhooks/:id`, with its log. What is being sent at this moment may still arrive. */
export async function deleteWebhook(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await retryWhileStale(() => attemptDelete(c, ports))
  return c.json({ deleted: true })
}
