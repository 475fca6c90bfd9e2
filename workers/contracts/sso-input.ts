import { z } from 'zod'
import { ROLES } from '../core/access/role.ts'
import { SSO_ALGORITHMS } from '../core/sign-in/key-set.ts'

const text = z.string().trim().min(1).max(255)
const address = z.string().trim().min(1).max(1000)
const role = z.enum(ROLES)
const MAX_MAPPED = 200

/** The body of `POST /v1/identity/sso`, and of `PUT`, which replaces all of it. */
export const SsoProviderInput = z.object({
  name: text,
  /** Exactly as the provider's tokens have it in `iss`. */
  issuer: address,
  audience: text,
  /** Without it: the one that the issuer's discovery document names. */
  jwks_uri: address.nullish(),
  algorithms: z.array(z.enum(SSO_ALGORITHMS)).min(1).max(SSO_ALGORITHMS.length).default(['RS256']),
  email_claim: text.default('email'),
  role_claim: text.nullish(),
  role_mapping: z
    .record(z.string(), role)
    .refine(map => Object.keys(map).length <= MAX_MAPPED, `at most ${MAX_MAPPED} values`)
    .default({}),
  default_role: role.nullish(),
  jit_provisioning: z.boolean().default(false),
})
export type SsoProviderInput = z.infer<typeof SsoProviderInput>
