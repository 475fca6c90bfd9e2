import { z } from 'zod'
import { UsageEnvelope, UsageEventSchema } from '../contracts/usage-message.ts'
import type { UsageEvent } from '../core/usage.ts'

/** A row that may not be booked, and why. */
export type SpoiledRow = { row: unknown; reason: string }

/** A message of which every row is either good or spoiled, or one that is not a usage message at all. */
export type ReadMessage =
  | { ok: true; meter: UsageEnvelope['meter']; seqs: number[]; events: UsageEvent[]; spoiled: SpoiledRow[] }
  | { ok: false; reason: string }

// A meter books on its own tenant only, whatever its rows say.
function checkEvent(event: unknown, tenantId: string): UsageEvent | string {
  const parsed = UsageEventSchema.safeParse(event)
  if (!parsed.success) return z.prettifyError(parsed.error)
  if (parsed.data.tenant_id !== tenantId) return `event ${parsed.data.id} is not of its meter's tenant`
  return parsed.data
}

/** Checks the body of a queue message, row by row: one that is spoiled keeps no other from being booked. */
export function readMessage(body: unknown): ReadMessage {
  const parsed = UsageEnvelope.safeParse(body)
  if (!parsed.success) return { ok: false, reason: z.prettifyError(parsed.error) }
  const { meter, rows } = parsed.data
  const events: UsageEvent[] = []
  const spoiled: SpoiledRow[] = []
  for (const row of rows) {
    const checked = checkEvent(row.event, meter.tenantId)
    if (typeof checked === 'string') spoiled.push({ row: { meter, ...row }, reason: checked })
    else events.push(checked)
  }
  return { ok: true, meter, seqs: rows.map(row => row.seq), events, spoiled }
}
