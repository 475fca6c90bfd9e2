import { isMet } from '../../core/alerts/alert-rule.ts'
import { firingSubject, toldFiring } from '../../core/alerts/told-firing.ts'
import { webhookEvent } from '../../core/webhooks/webhook-event.ts'
import { type AlertRuleRow, type FiringRow, findRulesToCheck } from '../../db/find-alert-rules.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import { isKept, keepFirings, markChecked } from '../../db/save-alert-rule.ts'
import { tellWebhooks } from '../../db/tell-webhooks.ts'
import { type Counts, countInTurn } from '../count-done.ts'
import type { AccountingPorts } from '../ports.ts'
import { wakeTold } from '../webhooks/wake-told.ts'
import { measureRule } from './measure-rule.ts'

/** The most rules that one run looks at; those that were looked at longest ago come first. */
const MAX_RULES = 500
/** How long a rule is left alone after it was looked at, in milliseconds: a little less than a minute. */
const REST_MS = 50_000

function eventOf(rule: AlertRuleRow, firing: FiringRow) {
  const { tenantId } = rule
  const subject = firingSubject(rule.id, firing)
  const data = toldFiring(tenantId, rule, firing)
  const event = webhookEvent({ tenantId, type: 'alert_triggered', subject, atMs: firing.noticedMs, data })
  const { startMs, limitId, threshold, noticedMs } = firing
  return { ...event, startMs, limitId, threshold, noticedMs }
}

function tellOf(rule: AlertRuleRow, firings: FiringRow[], nowMs: number): Statement {
  const events = firings.map(firing => eventOf(rule, firing))
  return tellWebhooks({ tenantId: rule.tenantId, events, nowMs, isTold: isKept(rule) })
}

async function checkRule(rule: AlertRuleRow, ports: AccountingPorts): Promise<void> {
  const nowMs = ports.nowMs()
  const { tenantId, id: ruleId, threshold } = rule
  const met = (await measureRule(rule, ports)).filter(one => isMet(rule, one))
  const firings = met.map(one => ({ ...one, tenantId, ruleId, threshold, noticedMs: nowMs }))
  if (firings.length > 0) {
    const [told = []] = await keepFirings(ports.db, { rule, firings }, [tellOf(rule, firings, nowMs)])
    await wakeTold(tenantId, told, ports)
  }
}

// One that fails is looked at again in its turn, and keeps no other waiting.
async function isChecked(rule: AlertRuleRow, ports: AccountingPorts): Promise<boolean> {
  try {
    await checkRule(rule, ports)
    return true
  } catch (error) {
    ports.log({ event: 'alert_rule_failed', tenant_id: rule.tenantId, rule_id: rule.id, error: String(error) })
    return false
  } finally {
    await markChecked(ports.db, rule, ports.nowMs())
  }
}

/** Looks whether rules of alerts are met, and tells of each once in a window; counts are rules. */
export async function checkAlertRules(ports: AccountingPorts): Promise<Counts> {
  const rules = await findRulesToCheck(ports.db, { beforeMs: ports.nowMs() - REST_MS, limit: MAX_RULES })
  return countInTurn(rules, rule => isChecked(rule, ports))
}
