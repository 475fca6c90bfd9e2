import { z } from 'zod'
import { AgentCredentialInput } from '../../../contracts/credential-input.ts'
import { listOf, PageQuery } from '../../http/page.ts'
import type { RouteSpec } from '../../http/route-spec.ts'
import { createAgentCredential } from './create-agent-credential.ts'
import { deleteAgentCredential } from './delete-agent-credential.ts'
import { listAgentCredentials } from './list-agent-credentials.ts'
import { AgentCredentialShape, NewAgentCredentialShape } from './render-agent-credential.ts'

const all = { path: '/v1/identity/agent-credentials', tag: 'Identity' }

/** The routes of what agents sign their requests with. */
export const AGENT_CREDENTIAL_ROUTES: readonly RouteSpec[] = [
  {
    ...{ method: 'POST', ...all, access: { scope: 'identity:write' } },
    operationId: 'createAgentCredential',
    summary: 'Make a secret to sign requests with; it is in this answer and in no other',
    body: AgentCredentialInput,
    responses: { 201: NewAgentCredentialShape },
    secret: ['secret'],
    handler: createAgentCredential,
  },
  {
    ...{ method: 'GET', ...all, access: { scope: 'identity:read' } },
    operationId: 'listAgentCredentials',
    summary: "List agents' credentials, the newest first",
    query: PageQuery,
    responses: { 200: listOf(AgentCredentialShape) },
    handler: listAgentCredentials,
  },
  {
    ...{ method: 'DELETE', ...all, path: `${all.path}/:keyId`, access: { scope: 'identity:write' } },
    operationId: 'deleteAgentCredential',
    summary: "Revoke an agent's credential at once",
    responses: { 200: z.object({ deleted: z.literal(true) }) },
    handler: deleteAgentCredential,
  },
]
