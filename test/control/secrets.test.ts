import { env, exports } from 'cloudflare:workers'
import { describe, it, vi } from 'vitest'
import { openDatabase } from '../../workers/db/database.ts'
import { type Call, type Control, send } from './fake-ports.ts'
import { PASSWORD } from './new-member.ts'
import { inhabitedTenant, PROVIDER_SECRETS, SAMPLES } from './route-samples.ts'

/** The Worker itself, with its own keys and objects, to be asked like the management API over faked ports. */
function wholeWorker(): Control {
  const request = (path: string, init: RequestInit) => exports.default.fetch(`http://weir.test${path}`, init)
  const db = openDatabase(env.DB)
  const ports = { db, events: db }
  return { app: { request }, ports } as unknown as Control
}

async function everyRow(): Promise<string> {
  const names =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%cf_%' AND name NOT LIKE 'sqlite_%'"
  const tables = (await env.DB.prepare(names).all<{ name: string }>()).results
  const rows = await Promise.all(tables.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()))
  return JSON.stringify(rows.map(({ results }) => results))
}

/** What is answered to tokens that are changed, to secrets that are no tokens, and to a refresh token that comes twice. */
async function signInAgain(control: Control, { member, secrets }: Awaited<ReturnType<typeof inhabitedTenant>>) {
  const { accessToken, refreshToken } = member
  const wrong = [`${accessToken}x`, `${refreshToken}x`, ...secrets]
  const refused = await Promise.all(wrong.map(token => send(control, token, ['GET', '/v1/me'])))
  const refresh: Call = ['POST', '/v1/auth/refresh-tokens', { refreshToken }]
  const { data } = (await send(control, undefined, refresh)).body
  const again = await send(control, undefined, refresh)
  // A password whose quotes were forgotten is no JSON.
  const planted = 'hunter2hunter2'
  await send(control, undefined, ['POST', '/v1/auth/login', `{"email":"a@b.co","password":${planted}}`])
  const tokens: string[] = [refreshToken, data.accessToken, data.refreshToken, planted.slice(0, 5)]
  return { refusals: [...refused, again].map(({ body }) => JSON.stringify(body)), tokens }
}

describe('a secret', () => {
  it('is in the one answer that shows it, and in no other, no log line, no row and no refusal', {
    timeout: 240_000,
  }, async ({ expect }) => {
    const log = vi.spyOn(console, 'log')
    const error = vi.spyOn(console, 'error')
    const control = wholeWorker()
    const tenant = await inhabitedTenant(control, 'test-setup-token')
    const { adminKey, member } = tenant
    const { accessToken } = member
    const answers: string[] = []
    for (const sample of Object.values(SAMPLES).flat()) {
      const [method, path, body] = sample(tenant.ids)
      for (const key of [tenant.apiKeyText, tenant.virtualKey, accessToken, `${adminKey}x`, adminKey]) {
        const once = { 'idempotency-key': crypto.randomUUID(), 'x-request-id': 'seen' }
        await send(control, key, [method, path, body, once])
        // What is no JSON is quoted by the error that the engine throws, ten characters of it.
        const repeated = method === 'GET' || method === 'POST' ? body : PASSWORD
        const again = await send(control, key, [method, path, repeated, once])
        answers.push(JSON.stringify([again.body, [...again.headers]]))
      }
    }
    const { refusals, tokens } = await signInAgain(control, tenant)
    answers.push(...refusals)
    const logged = JSON.stringify([log.mock.calls, error.mock.calls])
    expect(logged).toContain('/v1/api-keys')
    const everywhere = [...answers, logged, await everyRow()].join('\n')
    const secrets = [adminKey, tenant.apiKeyText, tenant.virtualKey, 'test-setup-token', env.WEIR_SECRET]
    const signIn = [accessToken, ...tokens, PASSWORD.slice(0, 10), ...tenant.secrets]
    for (const secret of [...secrets, env.OPENAI_API_KEY, ...signIn, ...PROVIDER_SECRETS])
      expect(everywhere).not.toContain(secret)
    vi.restoreAllMocks()
  })
})
