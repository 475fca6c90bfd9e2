import { z } from 'zod'
import { RESIDENCIES } from '../core/access/tenant-settings.ts'

const MAX_ORIGINS = 50

// What a browser sends as `Origin`: a scheme and a host, and nothing after them (RFC 6454, section 6.2).
const Origin = z
  .string()
  .max(255)
  .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/)

// Names of headers (RFC 9110, section 5.1), which have no case.
const MAX_HEADERS = 20
const aHeader = { error: 'must be the name of a header, of 1 to 64 characters, such as x-feature' }
const HeaderNames = z
  .array(z.string(aHeader).regex(/^[\w!#$%&'*+.^`|~-]{1,64}$/, aHeader))
  .max(MAX_HEADERS)
  .transform(list => [...new Set(list.map(name => name.toLowerCase()))].sort())

/** What a tenant can set; `null` is the default, what is absent stays. */
export const TenantSettingsInput = z.object({
  allowed_origins: z.array(Origin).max(MAX_ORIGINS).nullish(),
  governance_compat: z.enum(['1.4']).nullish(),
  budget_exceeded_status: z.union([z.literal(402), z.literal(429)]).nullish(),
  default_residency: z.enum(RESIDENCIES).nullish(),
  data_retention_days: z.int().min(1).max(3650).nullish(),
  required_headers: HeaderNames.nullish(),
})
export type TenantSettingsInput = z.infer<typeof TenantSettingsInput>

/** The body of `PATCH /v1/tenant`: what is absent stays as it is. */
export const TenantInput = z.object({
  name: z.string().trim().min(1).max(255).optional(),
  settings: TenantSettingsInput.optional(),
})
export type TenantInput = z.infer<typeof TenantInput>
