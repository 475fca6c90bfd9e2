import { z } from 'zod'
import { ROLES } from '../core/access/role.ts'
import { normalEmail } from '../core/sign-in/email.ts'

/** An address as it is stored: normalised. */
const Email = z
  .string()
  .max(320)
  .refine(text => normalEmail(text) !== undefined, 'must be an email address')

/** The body of `POST /v1/tenant/members`. */
export const MemberInput = z.object({ email: Email, role: z.enum(ROLES).default('developer') })
export type MemberInput = z.infer<typeof MemberInput>

/** The body of `PATCH /v1/tenant/members/:id/role`. */
export const RoleInput = z.object({ role: z.enum(ROLES) })

/** A new password (NIST SP 800-63B: long enough, and no rules of composition). */
export const NewPassword = z.string().min(10).max(200)

/** The body of `POST /v1/auth/invitations/accept`. Of one who has an account already, the password is that account's. */
export const AcceptInput = z.object({
  token: z.string().min(1).max(500),
  name: z.string().trim().min(1).max(255),
  password: NewPassword,
})
export type AcceptInput = z.infer<typeof AcceptInput>

/** The first owner of a deployment. */
export const OwnerInput = z.object({
  email: Email,
  name: z.string().trim().min(1).max(255).optional(),
  password: NewPassword,
})
export type OwnerInput = z.infer<typeof OwnerInput>
