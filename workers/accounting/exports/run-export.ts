import { claimExport, releaseExport } from '../../db/claim-export.ts'
import type { ExportJob, ExportRef } from '../../db/export-job.ts'
import type { AccountingPorts } from '../ports.ts'
import { finishExport, giveUp } from './finish-export.ts'
import { gatherStep } from './gather-step.ts'
import { beginUpload, carryStep, type Progress, type Stepped, writeStep } from './write-step.ts'

/** How long an export is a runner's after each step, in milliseconds; one that was killed is taken up again after that. */
const LEASE_MS = 180_000
/** How long one run goes on before it lets others in, in milliseconds. */
const RUN_MS = 10_000
/** How often an export may fail in one place. */
const MAX_ATTEMPTS = 8

function step(job: ExportJob, ports: AccountingPorts): Stepped {
  const nowMs = ports.nowMs()
  const progress: Progress = { attempts: 0, error: null, updatedMs: nowMs, leaseUntilMs: nowMs + LEASE_MS }
  if (job.phase === 'gather') return gatherStep(job, progress, ports)
  if (job.phase === 'finish') return (job.carry === '' ? finishExport : carryStep)(job, progress, ports)
  return (job.uploadId === null ? beginUpload : writeStep)(job, progress, ports)
}

async function work(claimed: ExportJob, ports: AccountingPorts): Promise<ExportJob | undefined> {
  const untilMs = ports.nowMs() + RUN_MS
  let job: ExportJob | undefined = claimed
  do job = await step(job, ports)
  while (job && ports.nowMs() < untilMs)
  return job
}

// The same failure again and again has others wait for it less and less often.
async function putOff(job: ExportJob, thrown: unknown, ports: AccountingPorts): Promise<void> {
  const { tenantId: tenant_id, id: export_id, attempts } = job
  ports.log({ event: 'export_failed', tenant_id, export_id, attempts, error: String(thrown) })
  const waitMs = Math.min(2 ** attempts, 600) * 1000
  await releaseExport(ports.db, job, { fromMs: ports.nowMs() + waitMs, error: 'A step failed, and is tried again.' })
}

async function runClaimed(job: ExportJob, ports: AccountingPorts): Promise<boolean> {
  try {
    if (job.attempts > MAX_ATTEMPTS) {
      await giveUp(job, 'It failed too often. Make a new export.', ports)
      return true
    }
    const left = await work(job, ports)
    if (left) {
      await releaseExport(ports.db, left, { fromMs: ports.nowMs() })
      await ports.exports.wake(left)
    }
    return true
  } catch (thrown) {
    await putOff(job, thrown, ports)
    return false
  }
}

/**
 * Works on an export for a while, if nobody else does; `false` where that failed. Each step is written down before the next, so
 * that whoever comes after a kill goes on where the last step ended.
 */
export async function runExport(ref: ExportRef, ports: AccountingPorts): Promise<boolean> {
  const nowMs = ports.nowMs()
  const owner = ports.exports.newId()
  const job = await claimExport(ports.db, { ref, owner, nowMs, untilMs: nowMs + LEASE_MS })
  return job === undefined || runClaimed(job, ports)
}
