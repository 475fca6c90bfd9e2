import type { UsageMessage } from '../contracts/usage-message.ts'
import { insertEvents } from '../db/insert-events.ts'
import { buryMessage } from './bury-message.ts'
import type { AccountingPorts } from './ports.ts'
import { readMessage } from './read-message.ts'
import { retryLater } from './retry-later.ts'

// The events are in D1 by now. A meter that was not told ships them again, which changes nothing.
async function confirmRows({ meter, rows }: UsageMessage, ports: AccountingPorts): Promise<void> {
  try {
    await ports.confirm(
      meter,
      rows.map(row => row.seq),
    )
  } catch (error) {
    ports.log({ event: 'usage_confirm_failed', key_id: meter.keyId, error: String(error) })
  }
}

/** Books one message's events and tells their meter. Malformed ones become dead letters; a failing D1 is tried again. */
export async function recordMessage(message: Message<unknown>, queue: string, ports: AccountingPorts): Promise<void> {
  const read = readMessage(message.body)
  if (!read.ok) return buryMessage(message, { queue, reason: read.reason }, ports)
  const { meter, rows } = read.message
  try {
    await insertEvents(ports.db, { tenantId: meter.tenantId, events: rows.map(row => row.event) })
  } catch (error) {
    return retryLater(message, error, ports)
  }
  await confirmRows(read.message, ports)
  message.ack()
}
