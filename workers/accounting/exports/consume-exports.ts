import { z } from 'zod'
import { asTenantId } from '../../core/access/tenant-id.ts'
import type { AccountingPorts } from '../ports.ts'
import { runExport } from './run-export.ts'

/** What the exports' queue carries: which export to go on with. */
export const ExportMessage = z.object({
  tenantId: z
    .string()
    .min(1)
    .transform(text => asTenantId(text)),
  id: z.string().min(1),
})

/** Works on the exports that a queue names. What fails is taken up again by the cron, so every message is done with here. */
export async function consumeExports(batch: MessageBatch<unknown>, ports: AccountingPorts): Promise<void> {
  for (const message of batch.messages) {
    const ref = ExportMessage.safeParse(message.body)
    if (ref.success) await runExport(ref.data, ports)
    message.ack()
  }
}
