import { insertDeadLetter } from '../db/insert-dead-letter.ts'
import type { AccountingPorts } from './ports.ts'
import { retryLater } from './retry-later.ts'

const MAX_REASON_CHARS = 1000

function bodyText(body: unknown): string {
  try {
    return JSON.stringify(body) ?? String(body)
  } catch {
    return String(body) // a bigint, or a circle
  }
}

// Of the content, not of the delivery: a meter ships what is not confirmed again, and each time in a new message.
async function letterId(queue: string, body: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${queue}\n${body}`)))
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Keeps a message as a dead letter and acks it; retries it where even that fails. The same message is kept once. */
export async function buryMessage(
  message: Message<unknown>,
  { queue, reason }: { queue: string; reason: string },
  ports: AccountingPorts,
): Promise<void> {
  const body = bodyText(message.body)
  const letter = { queue, reason: reason.slice(0, MAX_REASON_CHARS), body, receivedMs: ports.nowMs() }
  try {
    await insertDeadLetter(ports.db, { ...letter, id: await letterId(queue, body) })
    ports.log({ event: 'usage_dead_letter', queue, message_id: message.id, reason: letter.reason })
    message.ack()
  } catch (error) {
    retryLater(message, error, ports)
  }
}
