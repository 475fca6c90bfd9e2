import { asTenantId } from '../core/access/tenant-id.ts'
import { insertEvents } from '../db/insert-events.ts'
import { findSubscribers } from '../db/tell-webhooks.ts'
import { buryMessage } from './bury-message.ts'
import { keepDeadLetter } from './keep-dead-letter.ts'
import type { AccountingPorts } from './ports.ts'
import { type ReadMessage, readMessage } from './read-message.ts'
import { retryLater } from './retry-later.ts'
import { tellOfEvents } from './webhooks/tell-of-events.ts'
import { wakeTold } from './webhooks/wake-told.ts'

type Readable = Extract<ReadMessage, { ok: true }>

// All rows are safe by now, spoiled ones as dead letters. A meter that was not told ships again, which changes nothing.
async function confirmRows({ meter, seqs }: Readable, ports: AccountingPorts): Promise<void> {
  try {
    await ports.confirm(meter, seqs)
  } catch (error) {
    ports.log({ event: 'usage_confirm_failed', key_id: meter.keyId, error: String(error) })
  }
}

// Who wants to be told is asked first: the events may be in another database.
async function bookEvents({ meter, events }: Readable, ports: AccountingPorts): Promise<void> {
  const booking = { tenantId: asTenantId(meter.tenantId), events }
  const subscribers = await findSubscribers(ports.db, booking.tenantId)
  const tell = tellOfEvents(booking, subscribers, ports.nowMs())
  const [told = []] = await insertEvents(await ports.eventsDb(booking.tenantId), booking, tell)
  await wakeTold(booking.tenantId, told, ports)
}

async function keepRows(read: Readable, queue: string, ports: AccountingPorts): Promise<void> {
  const { events, spoiled } = read
  if (events.length > 0) await bookEvents(read, ports)
  for (const { row, reason } of spoiled) await keepDeadLetter(row, { queue, reason }, ports)
}

/**
 * Books one message's events and tells their meter. A row that may not be booked becomes a dead letter beside the others,
 * an unreadable message one of its own; a failing D1 is tried again.
 */
export async function recordMessage(message: Message<unknown>, queue: string, ports: AccountingPorts): Promise<void> {
  const read = readMessage(message.body)
  if (!read.ok) return buryMessage(message, { queue, reason: read.reason }, ports)
  try {
    await keepRows(read, queue, ports)
  } catch (error) {
    return retryLater(message, error, ports)
  }
  await confirmRows(read, ports)
  message.ack()
}
