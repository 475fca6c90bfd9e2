import { usdFromNano } from '../../core/money/nano-usd.ts'
import { webhookEvent } from '../../core/webhooks/webhook-event.ts'
import type { ExportJob } from '../../db/export-job.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import { tellWebhooks } from '../../db/tell-webhooks.ts'

function dataOf(job: ExportJob): Record<string, unknown> {
  const { id, dataset, format, focusVersion, rowCount, events, bytes, costNano, createdMs, completedMs, expiresMs } =
    job
  const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  return {
    ...{ id: `exp_${id}`, status: 'completed', dataset, format, focus_version: focusVersion, rows: rowCount, events },
    ...{ bytes, cost_usd: usdFromNano(costNano), created_at: iso(createdMs) },
    ...{ completed_at: iso(completedMs), expires_at: iso(expiresMs) },
  }
}

/** The statement that tells webhooks of an export that is done. Without its link, which opens the file to whoever has it. */
export function tellOfExport(job: ExportJob): Statement {
  const { tenantId, id, updatedMs: atMs } = job
  const event = webhookEvent({ tenantId, type: 'export.completed', subject: id, atMs, data: dataOf(job) })
  return tellWebhooks({ tenantId, events: [event], nowMs: atMs })
}
