import { z } from 'zod'
import { ROLES } from '../core/access/role.ts'
import { SCOPE_GRANTS } from '../core/access/scope.ts'

const name = z.string().trim().min(1).max(255)
const scopes = z
  .array(z.enum(SCOPE_GRANTS as [string, ...string[]]))
  .min(1)
  .max(SCOPE_GRANTS.length)
  .nullish()

/** The body of `POST /v1/identity/service-credentials`. `issuer`: the `iss` that its tokens will have. */
export const ServiceCredentialInput = z.object({
  name,
  issuer: z.string().trim().min(1).max(255),
  role: z.enum(ROLES).default('developer'),
  scopes,
})
export type ServiceCredentialInput = z.infer<typeof ServiceCredentialInput>

/** The body of `POST /v1/identity/agent-credentials`. Without `scopes` it may do what the role `agent` may. */
export const AgentCredentialInput = z.object({ name, scopes })
export type AgentCredentialInput = z.infer<typeof AgentCredentialInput>
