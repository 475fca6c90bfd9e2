import { buryMessage } from './bury-message.ts'
import type { AccountingPorts } from './ports.ts'
import { isAlerts, recordAlerts } from './record-alerts.ts'
import { recordMessage } from './record-message.ts'
import { isStatement, recordStatements } from './record-statements.ts'

const DEAD_LETTER_QUEUE = /-dlq$/

function recorderOf(body: unknown): typeof recordMessage {
  if (isStatement(body)) return recordStatements
  return isAlerts(body) ? recordAlerts : recordMessage
}

/**
 * Books a batch of usage messages, or buries one of the dead letter queue. Every message is answered by itself (acked, or
 * retried), so that one that fails takes no other with it; never throws, since that would retry all of them.
 */
export async function consumeUsage(batch: MessageBatch<unknown>, ports: AccountingPorts): Promise<void> {
  const isDead = DEAD_LETTER_QUEUE.test(batch.queue)
  const consume = (message: Message<unknown>) =>
    isDead
      ? buryMessage(message, { queue: batch.queue, reason: 'max retries exceeded' }, ports)
      : recorderOf(message.body)(message, batch.queue, ports)
  await Promise.all(batch.messages.map(consume))
}
