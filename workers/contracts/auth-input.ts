import { z } from 'zod'

/** Long enough to be worth guessing at, short enough to be hashed; which characters is nobody's business (NIST SP 800-63B). */
export const NewPassword = z.string().min(10).max(200)

const presented = z.string().min(1).max(200)

/** The body of `POST /v1/auth/login`. Without `tenant_id`: for the tenant that the user is in the longest. */
export const LoginInput = z.object({
  email: z.string().min(3).max(254),
  password: presented,
  tenant_id: z.uuid().nullish(),
})
export type LoginInput = z.infer<typeof LoginInput>

const token = z.string().min(1).max(200)

/** The body of `POST /v1/auth/refresh-tokens` and of `POST /v1/auth/logout`: the token, under either name. */
export const RefreshInput = z.union([z.object({ refreshToken: token }), z.object({ refresh_token: token })])
export type RefreshInput = z.infer<typeof RefreshInput>

/** The body of `POST /v1/auth/password`. */
export const PasswordInput = z.object({ current_password: presented, new_password: NewPassword })
export type PasswordInput = z.infer<typeof PasswordInput>
