import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AgentCredentialInput } from '../../../contracts/credential-input.ts'
import type { Principal } from '../../../core/access/principal.ts'
import { agentKeyId } from '../../../core/sign-in/agent-signature.ts'
import { agentSealOwner } from '../../../core/sign-in/service-key.ts'
import { type AgentCredentialRow, insertAgentCredential } from '../../../db/agent-credentials.ts'
import { chooseScopes } from '../../api-keys/choose-scopes.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlContext } from '../../http/env.ts'
import { readJson } from '../../http/read-json.ts'
import type { ActingPorts } from '../../ports.ts'
import { renderAgentCredential } from './render-agent-credential.ts'

async function newCredential(input: AgentCredentialInput, maker: Principal, ports: ActingPorts) {
  const ids = { tenantId: maker.tenantId, id: ports.newId() }
  const scopes = chooseScopes({ role: 'agent', scopes: input.scopes }, maker)
  const secret = `weir-agent-${randomBytes(32).toString('base64url')}`
  const secretSealed = await ports.signIn.seal(secret, agentSealOwner(ids))
  const made = { createdBy: `${maker.kind}:${maker.id}`, createdMs: ports.nowMs(), revokedMs: null }
  const row: AgentCredentialRow = { ...ids, name: input.name, secretSealed, scopes, ...made }
  return { row, secret }
}

/** `POST /v1/identity/agent-credentials`. The answer is the only one that ever holds the secret. */
export async function createAgentCredential(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: AgentCredentialInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { row, secret } = await newCredential(input, c.get('principal'), ports)
  const resource = { type: 'agent_credential', id: agentKeyId(row) }
  const change = { action: 'agent_credential.create', resource, before: null, after: row } as const
  await insertAgentCredential(ports.db, row, auditRow(row.tenantId, change, ports))
  return c.json({ ...renderAgentCredential(row), secret }, 201)
}
