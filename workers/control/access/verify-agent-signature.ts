import { readBytes } from '../../contracts/read-body.ts'
import type { Principal } from '../../core/access/principal.ts'
import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import {
  AGENT_SCHEME,
  AGENT_WINDOW_MS,
  type AgentHeader,
  isAgentSignature,
  readAgentHeader,
  readAgentKeyId,
} from '../../core/sign-in/agent-signature.ts'
import { type AgentCredentialRow, findAgentCredential } from '../../db/agent-credentials.ts'
import type { ControlPorts } from '../ports.ts'
import { openAgentSecret } from './open-credential-secret.ts'
import { credentialInvalid } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, refused, type Verdict } from './verifier.ts'

const invalid = (detail: string) => refused(credentialInvalid(detail))

async function findSigner({ keyId }: AgentHeader, ports: ControlPorts): Promise<AgentCredentialRow | undefined> {
  const ref = readAgentKeyId(keyId)
  const row = ref && (await findAgentCredential(ports.db, { tenantId: asTenantId(ref.tenantId), id: ref.id }))
  return row && row.revokedMs === null ? row : undefined
}

async function isSigned(row: AgentCredentialRow, header: AgentHeader, { facts, ports }: Check): Promise<boolean> {
  const secret = await openAgentSecret(row, ports)
  if (secret === undefined) return false
  const { method, url } = facts.request
  // A copy: the handler reads the body again.
  const body = await readBytes(facts.request.clone(), ports.maxBodyBytes)
  const { timestamp, nonce, signature } = header
  return isAgentSignature(signature, { method, url, body, timestamp, nonce }, secret)
}

type Check = { facts: RequestFacts; ports: ControlPorts }

async function judge(header: AgentHeader, { facts, ports }: Check): Promise<Verdict> {
  const { nowMs } = facts
  const untilMs = header.timestamp * 1000 + AGENT_WINDOW_MS
  if (untilMs < nowMs || header.timestamp * 1000 - AGENT_WINDOW_MS > nowMs) {
    return invalid('ts lies too far from now: sign the request anew, and set the clock.')
  }
  const row = await findSigner(header, ports)
  // Only who has the secret reaches the nonces, and so nobody else can use them up.
  if (!row || !(await isSigned(row, header, { facts, ports }))) return invalid('This signature is not valid.')
  const { tenantId, id } = row
  const isNew = await ports.signIn.claimNonce({ tenantId, id }, { nonce: header.nonce, nowMs, untilMs })
  if (!isNew) return invalid('This nonce was used: sign each request with one of its own.')
  const scopes = scopesOfRole('agent').filter(scope => row.scopes.includes(scope))
  const principal: Principal = { tenantId, kind: 'agent', id, role: 'agent', scopes }
  return { kind: 'principal', principal }
}

/** Recognises requests that an agent signed with a credential of `/v1/identity/agent-credentials`, each of them once. */
export async function verifyAgentSignature(facts: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const text = facts.request.headers.get('authorization') ?? ''
  if (!text.startsWith(`${AGENT_SCHEME} `)) return NOT_MINE
  const header = readAgentHeader(text)
  return header ? judge(header, { facts, ports }) : invalid(`${AGENT_SCHEME} needs keyId, ts, nonce and signature.`)
}
