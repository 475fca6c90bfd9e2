import { z } from 'zod'
import { ROLES } from '../core/access/role.ts'
import { SCOPE_GRANTS } from '../core/access/scope.ts'

/** The body of `POST /v1/api-keys`. Without `scopes` the key may do all that its role may; it never may do more. */
export const ApiKeyInput = z.object({
  name: z.string().trim().min(1).max(255),
  role: z.enum(ROLES).default('developer'),
  scopes: z
    .array(z.enum(SCOPE_GRANTS as [string, ...string[]]))
    .min(1)
    .max(SCOPE_GRANTS.length)
    .nullish(),
  /** ISO 8601 with a zone, in the future. */
  expires_at: z.iso.datetime({ offset: true }).nullish(),
})
export type ApiKeyInput = z.infer<typeof ApiKeyInput>
