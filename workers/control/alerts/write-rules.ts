import { z } from 'zod'
import { AlertRuleInput, AlertRuleUpdate } from '../../contracts/alert-rule-input.ts'
import type { Principal } from '../../core/access/principal.ts'
import type { AlertRuleRow } from '../../db/find-alert-rules.ts'
import { deleteAlertRule as deleteRow, insertAlertRule, updateAlertRule as saveRow } from '../../db/save-alert-rule.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import type { ControlContext } from '../http/env.ts'
import { checkIfMatch, etagOf } from '../http/etag.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { readFilters, readThreshold } from './read-rule-input.ts'
import { findMyRule } from './read-rules.ts'
import { renderRule } from './render-rule.ts'

/** Each is looked at every minute. */
const MAX_RULES = 50

const answer = (c: ControlContext, row: AlertRuleRow, status: 200 | 201) =>
  c.json(renderRule(row), status, { etag: etagOf(row.version) })

function newRule(input: AlertRuleInput, { tenantId, kind, id: by }: Principal, ports: ActingPorts): AlertRuleRow {
  const { name, trigger, channels, filters, active } = input
  const nowMs = ports.nowMs()
  return {
    ...{ tenantId, id: ports.newId(), name, trigger, threshold: readThreshold(trigger, input.threshold) },
    ...{ channels: channels ?? ['webhook'], filters: readFilters(filters ?? {}), active: active ?? true },
    ...{ checkedMs: 0, createdBy: `${kind}:${by}`, version: 1, createdMs: nowMs, updatedMs: nowMs },
  }
}

/** `POST /v1/alerts`. */
export async function createAlertRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: AlertRuleInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const row = newRule(await readJson(c.req.raw, body), c.get('principal'), ports)
  const resource = { type: 'alert_rule', id: row.id }
  const audit = auditRow(row.tenantId, { action: 'alert_rule.create', resource, before: null, after: row }, ports)
  if (await insertAlertRule(ports.db, row, { audit, max: MAX_RULES })) return answer(c, row, 201)
  throw new GatewayError('request_invalid', `A tenant has at most ${MAX_RULES} alerts: delete one first.`)
}

// The same number means dollars to one trigger and a part to another.
function thresholdAfter(before: AlertRuleRow, { trigger, threshold }: AlertRuleUpdate): number {
  const next = trigger ?? before.trigger
  if (typeof threshold === 'number') return readThreshold(next, threshold)
  const isOfBudgets = (one: string) => one === 'budget_threshold'
  if (isOfBudgets(next) === isOfBudgets(before.trigger)) return before.threshold
  throw badParam('threshold', 'given with a trigger that measures something else')
}

function changed(before: AlertRuleRow, input: AlertRuleUpdate): AlertRuleRow {
  return {
    ...before,
    name: input.name ?? before.name,
    trigger: input.trigger ?? before.trigger,
    threshold: thresholdAfter(before, input),
    channels: input.channels ?? before.channels,
    filters: input.filters ? readFilters(input.filters) : before.filters,
    active: input.active ?? before.active,
  }
}

async function attempt(input: AlertRuleUpdate, c: ControlContext, ports: ActingPorts) {
  const before = await findMyRule(c, ports)
  checkIfMatch(before.version, ports)
  const after = { ...changed(before, input), checkedMs: 0, version: before.version + 1, updatedMs: ports.nowMs() }
  const resource = { type: 'alert_rule', id: before.id }
  const audit = auditRow(before.tenantId, { action: 'alert_rule.update', resource, before, after }, ports)
  return (await saveRow(ports.db, after, audit)) ? after : undefined
}

/** `PUT /v1/alerts/:id`: changes what the body names. What was told in this window under the same threshold is not told again. */
export async function updateAlertRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: AlertRuleUpdate, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  return answer(c, await retryWhileStale(() => attempt(input, c, ports)), 200)
}

async function attemptDelete(c: ControlContext, ports: ActingPorts): Promise<true | undefined> {
  const before = await findMyRule(c, ports)
  checkIfMatch(before.version, ports)
  const resource = { type: 'alert_rule', id: before.id }
  const audit = auditRow(before.tenantId, { action: 'alert_rule.delete', resource, before, after: null }, ports)
  return (await deleteRow(ports.db, before, audit)) || undefined
}

/** `DELETE /v1/alerts/:id`, with the times that it was met. */
export async function deleteAlertRule(c: ControlContext, ports: ActingPorts): Promise<Response> {
  await retryWhileStale(() => attemptDelete(c, ports))
  return c.json({ deleted: true })
}
