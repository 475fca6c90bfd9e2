import { env } from 'cloudflare:workers'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import { hashPassword } from '../../workers/core/sign-in/password.ts'
import { type Call, type Control, NOW, send } from './fake-ports.ts'

/** Everybody's. */
export const PASSWORD = 'correct horse battery staple'

const CHEAP = { log2Cost: 4, blockSize: 8, parallel: 1 }

/** A user with a password, written as it is stored. */
export async function newUser(email = `${crypto.randomUUID()}@acme.com`): Promise<{ userId: string; email: string }> {
  const userId = crypto.randomUUID()
  const insert =
    'INSERT INTO user (id, email, name, password_hash, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)'
  await env.DB.prepare(insert).bind(userId, email, 'Ada', hashPassword(PASSWORD, CHEAP), NOW).run()
  return { userId, email }
}

type Joining = { tenantId: string; role: string; createdMs?: number }

/** Makes a user a member of a tenant. */
export async function join(userId: string, { tenantId, role, createdMs = NOW }: Joining): Promise<void> {
  const insert = `INSERT INTO member (tenant_id, id, user_id, role, status, created_ms, updated_ms, version)
    VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?5, 1)`
  await env.DB.prepare(insert).bind(tenantId, crypto.randomUUID(), userId, role, createdMs).run()
}

/** A member of a tenant who has signed in. */
export async function newMember(control: Control, { tenantId, role }: { tenantId: TenantId; role: string }) {
  const { userId, email } = await newUser()
  await join(userId, { tenantId, role })
  const login: Call = ['POST', '/v1/auth/login', { email, password: PASSWORD, tenant_id: tenantId }]
  const { status, body } = await send(control, undefined, login)
  if (status !== 200) throw new Error(JSON.stringify(body))
  const { accessToken, refreshToken } = body.data
  const claims = JSON.parse(atob(accessToken.split('.')[1]))
  return { userId, email, accessToken, refreshToken, session: { userId, tenantId, familyId: claims.sid } }
}
