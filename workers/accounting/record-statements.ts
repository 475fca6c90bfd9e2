import { z } from 'zod'
import { StatementMessage } from '../contracts/usage-message.ts'
import { asTenantId } from '../core/access/tenant-id.ts'
import { meterName } from '../core/quota/meter-protocol.ts'
import { putStatements } from '../db/put-statements.ts'
import { buryMessage } from './bury-message.ts'
import type { AccountingPorts } from './ports.ts'
import { retryLater } from './retry-later.ts'

/** Whether a message tells of hours rather than of events. */
export function isStatement(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'statements' in body
}

// A meter that was not told ships again, which changes nothing.
async function confirmStatements({ meter, statements }: StatementMessage, ports: AccountingPorts): Promise<void> {
  const refs = statements.map(({ hourMs, revision }) => ({ hourMs, revision }))
  try {
    await ports.confirmHours(meter, refs)
  } catch (error) {
    ports.log({ event: 'statement_confirm_failed', key_id: meter.keyId, error: String(error) })
  }
}

/** Keeps what a meter says of its hours, and tells the meter. An unreadable message is buried; a failing D1 is tried again. */
export async function recordStatements(
  message: Message<unknown>,
  queue: string,
  ports: AccountingPorts,
): Promise<void> {
  const parsed = StatementMessage.safeParse(message.body)
  if (!parsed.success) return buryMessage(message, { queue, reason: z.prettifyError(parsed.error) }, ports)
  const { meter, statements } = parsed.data
  try {
    const from = { ...meter, tenantId: asTenantId(meter.tenantId), meter: meterName(meter) }
    await putStatements(await ports.eventsDb(from.tenantId), { ...from, statements, receivedMs: ports.nowMs() })
  } catch (error) {
    return retryLater(message, error, ports)
  }
  await confirmStatements(parsed.data, ports)
  message.ack()
}
