import { z } from 'zod'
import { ROLES } from '../../core/access/role.ts'
import type { FlagRow } from '../../db/feature-flags.ts'

/** A flag as it was set. */
export const FlagShape = z.object({
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  percentage: z.int().min(0).max(100),
  roles: z.array(z.enum(ROLES)).nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})

/** What each flag is for whoever asks. */
export const FlagValuesShape = z.record(z.string(), z.boolean())

/** A flag as the API shows it. */
export function renderFlag(row: FlagRow): z.input<typeof FlagShape> {
  return {
    name: row.name,
    description: row.description,
    enabled: row.isEnabled,
    percentage: row.percentage,
    roles: row.roles,
    created_at: new Date(row.createdMs).toISOString(),
    updated_at: new Date(row.updatedMs).toISOString(),
  }
}
