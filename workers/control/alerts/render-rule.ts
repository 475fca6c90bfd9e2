import type { z } from 'zod'
import { type Channel, shownThreshold } from '../../core/alerts/alert-rule.ts'
import { toldFiring } from '../../core/alerts/told-firing.ts'
import type { AlertRuleRow, FiringRow } from '../../db/find-alert-rules.ts'
import type { AlertRuleShape, FiringShape } from './rule-shape.ts'

const iso = (ms: number) => new Date(ms).toISOString()

function notesOn(channels: Channel[]): string[] {
  return channels
    .filter(channel => channel !== 'webhook')
    .map(
      channel => `Weir sends nothing by ${channel}: webhooks that ask for alert_triggered are told, with the channels.`,
    )
}

/** A rule as the API shows it. */
export function renderRule(row: AlertRuleRow): z.input<typeof AlertRuleShape> {
  const { id, name, trigger, channels, filters, active } = row
  return {
    ...{ id, name, trigger, threshold: shownThreshold(trigger, row.threshold), channels, filters, active },
    notes: notesOn(channels),
    ...{ created_by: row.createdBy, created_at: iso(row.createdMs), updated_at: iso(row.updatedMs) },
  }
}

/** That a rule was met, as the API shows it, which is as webhooks are told; under the name that the rule has now. */
export function renderFiring(rule: AlertRuleRow, firing: FiringRow): z.input<typeof FiringShape> {
  return toldFiring(rule.tenantId, rule, firing)
}
