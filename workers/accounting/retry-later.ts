import type { AccountingPorts } from './ports.ts'

const FIRST_DELAY_SECONDS = 5
const MAX_DELAY_SECONDS = 300

/** Gives a message back to its queue, for later the more often it was tried. */
export function retryLater(message: Message<unknown>, error: unknown, ports: AccountingPorts): void {
  const delaySeconds = Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (message.attempts - 1))
  ports.log({ event: 'usage_retry', message_id: message.id, attempts: message.attempts, error: String(error) })
  message.retry({ delaySeconds })
}
