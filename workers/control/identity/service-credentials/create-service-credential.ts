import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { ServiceCredentialInput } from '../../../contracts/credential-input.ts'
import type { Principal } from '../../../core/access/principal.ts'
import { ACCESS_ISSUER } from '../../../core/sign-in/access-token.ts'
import { serviceSealOwner } from '../../../core/sign-in/service-key.ts'
import { insertServiceCredential, type ServiceCredentialRow } from '../../../db/service-credentials.ts'
import { chooseScopes } from '../../api-keys/choose-scopes.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { ControlContext } from '../../http/env.ts'
import { badParam } from '../../http/query.ts'
import { readJson } from '../../http/read-json.ts'
import type { ActingPorts } from '../../ports.ts'
import { renderServiceCredential } from './render-service-credential.ts'

async function newCredential(input: ServiceCredentialInput, maker: Principal, ports: ActingPorts) {
  const { name, issuer, role } = input
  if (issuer === ACCESS_ISSUER) throw badParam('issuer', `another name than ${ACCESS_ISSUER}`)
  const ids = { tenantId: maker.tenantId, id: ports.newId() }
  const scopes = chooseScopes(input, maker)
  const secret = `weir-svc-${randomBytes(32).toString('base64url')}`
  const secretSealed = await ports.signIn.seal(secret, serviceSealOwner(ids))
  const made = { createdBy: `${maker.kind}:${maker.id}`, createdMs: ports.nowMs(), revokedMs: null }
  const row: ServiceCredentialRow = { ...ids, name, issuer, secretSealed, role, scopes, ...made }
  return { row, secret }
}

/** `POST /v1/identity/service-credentials`. The answer is the only one that ever holds the secret. */
export async function createServiceCredential(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: ServiceCredentialInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { row, secret } = await newCredential(input, c.get('principal'), ports)
  const resource = { type: 'service_credential', id: row.id }
  const change = { action: 'service_credential.create', resource, before: null, after: row } as const
  await insertServiceCredential(ports.db, row, auditRow(row.tenantId, change, ports))
  return c.json({ ...renderServiceCredential(row), secret }, 201)
}
