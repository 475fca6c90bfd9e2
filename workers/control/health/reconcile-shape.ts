import { z } from 'zod'

const count = z.int().min(0)
const time = z.iso.datetime().nullable()

const Difference = z.object({
  hour: time,
  virtual_key_id: z.string(),
  kind: z.string(),
  subject: z.string().nullable(),
  expected: z.string().meta({ description: 'Whole units of the kind, exact.' }),
  found: z.string(),
  first_seen_at: time,
  corrected_at: time,
})

/** How a tenant's reconciliation stands, as the API shows it. */
export const ReconcileShape = z.object({
  status: z.enum(['ok', 'differences', 'never_run']),
  last_run: z.object({ at: time, hours_checked: count, differences_found: count, corrections_made: count }).nullable(),
  statements_waiting: count,
  oldest_waiting_hour: time,
  by_kind: z.record(z.string(), z.object({ open: count, corrected: count })),
  data: z.array(Difference),
})
