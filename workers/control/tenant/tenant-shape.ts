import { z } from 'zod'
import { PLANS } from '../../core/access/plan.ts'
import { RESIDENCIES } from '../../core/access/tenant-settings.ts'
import type { TenantRow } from '../../db/find-tenant.ts'

const unused = 'Kept, and told here; nothing acts by it yet.'

const SettingsShape = z.object({
  allowed_origins: z.array(z.string()),
  governance_compat: z.enum(['1.4']).nullable(),
  budget_exceeded_status: z.union([z.literal(429), z.literal(402)]),
  default_residency: z.enum(RESIDENCIES).nullable().meta({ description: unused }),
  data_retention_days: z.int().nullable().meta({ description: unused }),
  required_headers: z.array(z.string()),
})

/** A tenant as its own members see it. */
export const TenantShape = z.object({
  id: z.string(),
  name: z.string(),
  plan: z.enum(PLANS).nullable().meta({ description: 'Null: that of the deployment.' }),
  settings: SettingsShape,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})

function settingsOf({ settings, allowedOrigins }: TenantRow): z.input<typeof SettingsShape> {
  return {
    allowed_origins: allowedOrigins ?? [],
    governance_compat: settings.governance_compat ?? null,
    budget_exceeded_status: settings.budget_exceeded_status ?? 429,
    default_residency: settings.default_residency ?? null,
    data_retention_days: settings.data_retention_days ?? null,
    required_headers: settings.required_headers ?? [],
  }
}

/** A tenant as the API shows it. */
export function renderTenant(row: TenantRow): z.input<typeof TenantShape> {
  return {
    id: row.id,
    name: row.displayName ?? row.name,
    plan: row.plan,
    settings: settingsOf(row),
    created_at: new Date(row.createdMs).toISOString(),
    updated_at: new Date(row.updatedMs ?? row.createdMs).toISOString(),
  }
}
