import { insertDeadLetter } from '../db/insert-dead-letter.ts'
import type { AccountingPorts } from './ports.ts'

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

/** Where a dead letter was found, and why it is one. */
export type DeadLetter = { queue: string; reason: string }

/** Keeps what cannot be booked, whole, with the reason. The same content is kept once. Rejects where D1 does. */
export async function keepDeadLetter(body: unknown, letter: DeadLetter, ports: AccountingPorts): Promise<void> {
  const text = bodyText(body)
  const id = await letterId(letter.queue, text)
  const reason = letter.reason.slice(0, MAX_REASON_CHARS)
  await insertDeadLetter(ports.db, { id, queue: letter.queue, reason, body: text, receivedMs: ports.nowMs() })
  ports.log({ event: 'usage_dead_letter', queue: letter.queue, dead_letter_id: id, reason })
}
