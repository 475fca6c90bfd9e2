import { z } from 'zod'
import { UsageMessage } from '../contracts/usage-message.ts'

/** A usage message that may be booked, or why this one may not. */
export type ReadMessage = { ok: true; message: UsageMessage } | { ok: false; reason: string }

/** Checks the body of a queue message: its shape, and that it books nothing on another tenant than its meter's. */
export function readMessage(body: unknown): ReadMessage {
  const parsed = UsageMessage.safeParse(body)
  if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error) }
  const { meter, rows } = parsed.data
  const stranger = rows.find(row => row.event.tenant_id !== meter.tenantId)
  if (stranger) return { ok: false, reason: `event ${stranger.event.id} is not of its meter's tenant` }
  return { ok: true, message: parsed.data }
}
