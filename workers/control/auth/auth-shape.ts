import { z } from 'zod'
import { ROLES } from '../../core/access/role.ts'

const role = z.enum(ROLES)

/** What a sign-in answers: names as TensorCost's clients know them. */
export const SessionShape = z.object({
  data: z.object({
    accessToken: z.string(),
    expiresIn: z.int().meta({ description: 'How long the access token is good, in seconds.' }),
    refreshToken: z.string().meta({ description: 'Good once, for 30 days.' }),
    user: z.object({
      id: z.string().regex(/^usr_/),
      email: z.string(),
      name: z.string(),
      role,
      tenant_id: z.uuid(),
    }),
  }),
})

/** A user's id as callers see it. */
export function shownUserId(id: string): string {
  return `usr_${id}`
}
