import { z } from 'zod'
import { ROLES } from '../core/access/role.ts'

// Read in a browser that is signed in: a script in the address, or a name and password in it, would be.
function isPlainHttps(text: string): boolean {
  const url = URL.parse(text)
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[\s"'<>\\]/.test(text)
}

const Color = z
  .string()
  .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i)
  .transform(text => text.toLowerCase())

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'

const Domain = z
  .string()
  .max(253)
  .regex(new RegExp(`^(${LABEL}\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`, 'i'))
  .transform(text => text.toLowerCase())

/** The body of `PUT /v1/tenant/branding`: all of it; what is absent is none. */
export const BrandingInput = z.object({
  logo_url: z.string().max(2000).refine(isPlainHttps, 'must be an https address without credentials').nullish(),
  primary_color: Color.nullish(),
  accent_color: Color.nullish(),
  background_color: Color.nullish(),
  custom_domain: Domain.nullish(),
})
export type BrandingInput = z.infer<typeof BrandingInput>

/** The name of a feature flag. */
export const FlagName = z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/)

/** The body of `PUT /v1/tenant/feature-flags/:name`: all of it. */
export const FlagInput = z.object({
  enabled: z.boolean(),
  percentage: z.int().min(0).max(100).default(100),
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length).nullish(),
  description: z.string().max(500).default(''),
})
export type FlagInput = z.infer<typeof FlagInput>
