import { env, exports } from 'cloudflare:workers'
import { describe, it, vi } from 'vitest'
import { openDatabase } from '../../workers/db/database.ts'
import { type Control, send } from './fake-ports.ts'
import { PASSWORD } from './new-member.ts'
import { inhabitedTenant, SAMPLES } from './route-samples.ts'

/** The Worker itself, with its own keys and objects, to be asked like the management API over faked ports. */
function wholeWorker(): Control {
  const request = (path: string, init: RequestInit) => exports.default.fetch(`http://weir.test${path}`, init)
  const ports = { db: openDatabase(env.DB) }
  return { app: { request }, ports } as unknown as Control
}

async function everyRow(): Promise<string> {
  const names =
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%cf_%' AND name NOT LIKE 'sqlite_%'"
  const tables = (await env.DB.prepare(names).all<{ name: string }>()).results
  const rows = await Promise.all(tables.map(({ name }) => env.DB.prepare(`SELECT * FROM "${name}"`).all()))
  return JSON.stringify(rows.map(({ results }) => results))
}

describe('a secret', () => {
  it('is in the one answer that shows it, and in no other, no log line, no row and no refusal', async ({ expect }) => {
    const log = vi.spyOn(console, 'log')
    const error = vi.spyOn(console, 'error')
    const control = wholeWorker()
    const tenant = await inhabitedTenant(control, 'test-setup-token')
    const { adminKey } = tenant
    const answers: string[] = []
    for (const sample of Object.values(SAMPLES).flat()) {
      const [method, path, body] = sample(tenant.ids)
      for (const key of [tenant.apiKeyText, tenant.virtualKey, `${adminKey}x`, adminKey]) {
        const once = { 'idempotency-key': crypto.randomUUID(), 'x-request-id': 'seen' }
        await send(control, key, [method, path, body, once])
        // What is no JSON is quoted by the error that the engine throws, ten characters of it.
        const repeated = method === 'GET' || method === 'POST' ? body : PASSWORD
        const again = await send(control, key, [method, path, repeated, once])
        answers.push(JSON.stringify([again.body, [...again.headers]]))
      }
    }
    const logged = JSON.stringify([log.mock.calls, error.mock.calls])
    expect(logged).toContain('/v1/api-keys')
    const everywhere = [...answers, logged, await everyRow()].join('\n')
    const { accessToken, refreshToken } = tenant.member
    const shownOnce = [adminKey, tenant.apiKeyText, tenant.virtualKey, ...tenant.secrets, accessToken, refreshToken]
    const secrets = [...shownOnce, PASSWORD.slice(0, 10), 'test-setup-token', env.WEIR_SECRET]
    for (const secret of [...secrets, env.OPENAI_API_KEY]) expect(everywhere).not.toContain(secret)
    vi.restoreAllMocks()
  })
})
