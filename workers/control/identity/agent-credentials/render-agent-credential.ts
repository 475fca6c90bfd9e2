import { z } from 'zod'
import { SCOPES, type Scope } from '../../../core/access/scope.ts'
import { agentKeyId } from '../../../core/sign-in/agent-signature.ts'
import type { AgentCredentialRow } from '../../../db/agent-credentials.ts'

/** An agent's credential as lists show it: never its secret. */
export const AgentCredentialShape = z.object({
  key_id: z.string().regex(/^agt_/).meta({ description: 'The `keyId` of signed requests.' }),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES as readonly [Scope, ...Scope[]])),
  created_by: z.string(),
  created_at: z.iso.datetime(),
})

/** The answer to the creation of one, the only one that holds its secret. */
export const NewAgentCredentialShape = z.object({ ...AgentCredentialShape.shape, secret: z.string() })

/** An agent's credential as the API shows it. */
export function renderAgentCredential(row: AgentCredentialRow): z.input<typeof AgentCredentialShape> {
  const { name, scopes, createdBy: created_by } = row
  return { key_id: agentKeyId(row), name, scopes, created_by, created_at: new Date(row.createdMs).toISOString() }
}
