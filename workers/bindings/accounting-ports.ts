import { tellOfExport } from '../accounting/exports/tell-of-export.ts'
import type { AccountingPorts } from '../accounting/ports.ts'
import { logEvent } from '../telemetry/log.ts'
import { deployment } from './deployment.ts'
import { pushToAll } from './meters.ts'
import { wakeExport, wakeWebhook } from './wake.ts'

/** How many bytes of a file are written at once, and so in memory; R2 takes ten thousand such parts. */
const EXPORT_PART_BYTES = 8 * 1024 * 1024

/** What one run of the cron can write, read back and delete. A day may have many files. */
const ARCHIVE_FILE_ROWS = 20_000

/** The queue consumer's and the cron's ports. */
export function accountingPorts(env: Env): AccountingPorts {
  const { databases, settings, meterOf, budgetOf } = deployment(env)
  return {
    ...databases(),
    nowMs: Date.now,
    log: logEvent,
    confirm: (owner, seqs) => meterOf(owner).confirm(seqs),
    confirmHours: (owner, statements) => meterOf(owner).confirmHours(statements),
    confirmAlerts: (from, alerts) => ('scope' in from ? budgetOf(from) : meterOf(from)).confirmAlerts(alerts),
    pushSnapshot: snapshot => pushToAll(snapshot, meterOf),
    pushScope: snapshot => budgetOf(snapshot).putSnapshot(snapshot),
    readBudgets: owner => budgetOf(owner).read(Date.now()),
    exports: {
      store: env.ARCHIVE,
      wake: ref => wakeExport(env, ref),
      whenCompleted: job => [tellOfExport(job)],
      newId: () => crypto.randomUUID(),
      partBytes: EXPORT_PART_BYTES,
      breathe: () => scheduler.wait(0),
    },
    archive: { retentionDays: settings.EVENT_RETENTION_DAYS, fileRows: ARCHIVE_FILE_ROWS },
    wakeWebhook: webhook => wakeWebhook(env, webhook),
  }
}
