import { z } from 'zod'

const row = z.unknown().meta({ description: 'Stored rows without secrets; null where there were none.' })

/** A change as the API shows it. */
export const AuditEventShape = z.object({
  id: z.string().regex(/^aud_/),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.string(), id: z.string() }),
  action: z.string(),
  resource: z.object({ type: z.string(), id: z.string() }),
  before: row,
  after: row,
  request_id: z.string(),
})
