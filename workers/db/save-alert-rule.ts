import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { AlertRuleRow, FiringRow } from './find-alert-rules.ts'
import { inOneBatch, type Statement } from './in-one-batch.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { alertFiring, alertRule } from './schema/alerts.ts'

const isAt = ({ tenantId, id }: Pick<AlertRuleRow, 'tenantId' | 'id'>) =>
  and(eq(alertRule.tenantId, tenantId), eq(alertRule.id, id))

function isVersion({ tenantId, id }: AlertRuleRow, version: number): SQL {
  return sql`EXISTS (SELECT 1 FROM alert_rule WHERE tenant_id = ${tenantId} AND id = ${id} AND version = ${version})`
}

/** Adds a rule; `false` where the tenant has so many already, and nothing is written. */
export function insertAlertRule(
  db: ConfigDb,
  row: AlertRuleRow,
  by: { audit: AuditRow; max: number },
): Promise<boolean> {
  const fits = sql`(SELECT count(*) FROM alert_rule WHERE tenant_id = ${row.tenantId}) < ${by.max}`
  return wasSo(() => auditedBatch(db, by.audit, [onlyIf(row.tenantId, fits), db.insert(alertRule).values(row)]))
}

/** Writes a rule whose version is one above the one it was read with; `false` where somebody was faster. */
export function updateAlertRule(db: ConfigDb, row: AlertRuleRow, audit: AuditRow): Promise<boolean> {
  const update = db.update(alertRule).set(row).where(isAt(row))
  return wasSo(() => auditedBatch(db, audit, [onlyIf(row.tenantId, isVersion(row, row.version - 1)), update]))
}

/** Deletes a rule as it was read, with the times that it was met; `false` where somebody was faster. */
export function deleteAlertRule(db: ConfigDb, row: AlertRuleRow, audit: AuditRow): Promise<boolean> {
  const { tenantId, id, version } = row
  const isOf = and(eq(alertFiring.tenantId, tenantId), eq(alertFiring.ruleId, id))
  const gone = [db.delete(alertFiring).where(isOf), db.delete(alertRule).where(isAt(row))]
  return wasSo(() => auditedBatch(db, audit, [onlyIf(tenantId, isVersion(row, version)), ...gone]))
}

/** Writes down that a rule was looked at, and nothing more. */
export async function markChecked(db: ConfigDb, row: AlertRuleRow, nowMs: number): Promise<void> {
  await db.update(alertRule).set({ checkedMs: nowMs }).where(isAt(row))
}

/**
 * Keeps that a rule was met. What was noticed first of a budget, a window and a threshold holds; a rule that was changed or deleted since
 * it was read keeps nothing. `also` is run after that in the same transaction; answers the rows of its statements.
 */
export async function keepFirings(
  db: ConfigDb,
  { rule, firings }: { rule: AlertRuleRow; firings: FiringRow[] },
  also: Statement[],
): Promise<unknown[][]> {
  const inserts = firings.map(
    row => sql`INSERT INTO alert_firing
      (tenant_id, rule_id, start_ms, limit_id, threshold, end_ms, scope, max, used, noticed_ms)
      SELECT ${row.tenantId}, ${row.ruleId}, ${row.startMs}, ${row.limitId}, ${row.threshold}, ${row.endMs}, ${row.scope},
        ${row.max}, ${row.used}, ${row.noticedMs}
      WHERE ${isVersion(rule, rule.version)} ON CONFLICT DO NOTHING`,
  )
  const results = await inOneBatch(db, [...inserts, ...also])
  return results.slice(inserts.length)
}

/** Whether a firing that is told of (`told.value`) is the one that is kept: not one that came later. */
export function isKept({ tenantId, id }: AlertRuleRow): SQL {
  return sql`EXISTS (SELECT 1 FROM alert_firing AS f WHERE f.tenant_id = ${tenantId} AND f.rule_id = ${id}
    AND f.start_ms = told.value ->> 'startMs' AND f.limit_id = told.value ->> 'limitId'
    AND f.threshold = told.value ->> 'threshold' AND f.noticed_ms = told.value ->> 'noticedMs')`
}
