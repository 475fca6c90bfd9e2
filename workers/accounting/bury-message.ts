import { type DeadLetter, keepDeadLetter } from './keep-dead-letter.ts'
import type { AccountingPorts } from './ports.ts'
import { retryLater } from './retry-later.ts'

/** Keeps a message as a dead letter and acks it; retries it where even that fails. */
export async function buryMessage(
  message: Message<unknown>,
  letter: DeadLetter,
  ports: AccountingPorts,
): Promise<void> {
  try {
    await keepDeadLetter(message.body, letter, ports)
    message.ack()
  } catch (error) {
    retryLater(message, error, ports)
  }
}
