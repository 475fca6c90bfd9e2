import { checkAlertRules } from './alerts/check-alert-rules.ts'
import { keepArchive } from './archive/keep-archive.ts'
import { resumeExports } from './exports/resume-exports.ts'
import { sweepExports } from './exports/sweep-exports.ts'
import { moveTenants } from './moves/move-tenants.ts'
import { onShards } from './on-shards.ts'
import type { AccountingPorts } from './ports.ts'
import { reconcile } from './reconcile.ts'
import { repushSnapshots } from './repush-snapshots.ts'
import { rollUp } from './roll-up.ts'
import { packDays } from './segments/pack-days.ts'
import { tidyWebhooks, wakeWebhooks } from './webhooks/tend-webhooks.ts'

type Task = (ports: AccountingPorts) => Promise<{ done: number; failed: number }>

const TASKS: Record<string, Task> = {
  roll_up: ports => onShards(ports, rollUp),
  repush_snapshots: repushSnapshots,
  reconcile: ports => onShards(ports, reconcile),
  check_alert_rules: checkAlertRules,
  resume_exports: resumeExports,
  sweep_exports: sweepExports,
  pack_days: ports => onShards(ports, packDays, { inTurn: true }),
  // One after the other: each has files in memory.
  keep_archive: ports => onShards(ports, keepArchive, { inTurn: true }),
  move_tenants: moveTenants,
  wake_webhooks: ports => onShards(ports, wakeWebhooks),
  tidy_webhooks: ports => onShards(ports, tidyWebhooks),
}

async function runTask(name: string, task: Task, ports: AccountingPorts): Promise<void> {
  try {
    ports.log({ event: 'scheduled', task: name, ...(await task(ports)) })
  } catch (error) {
    ports.log({ event: 'scheduled_failed', task: name, error: String(error) })
  }
}

/** What the cron does every minute. A task that fails is logged and stops no other; what is left is done next time. */
export async function runScheduled(ports: AccountingPorts): Promise<void> {
  await Promise.all(Object.entries(TASKS).map(([name, task]) => runTask(name, task, ports)))
}
