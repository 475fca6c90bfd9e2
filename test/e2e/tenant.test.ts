import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const run = promisify(execFile)

const OPERATOR = 'setup-token-of-this-test'
const MODEL = 'openai/gpt-4o-mini'
const PASSWORD = 'correct horse battery staple'

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>
let tenantId: string

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { WEIR_SETUP_TOKEN: OPERATOR } })
  tenantId = (await weir.admin.call('GET', '/v1/tenant', undefined)).data.id
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
type Answered = { status: number; headers: Headers; body: any }

async function as(key: string, ...[method, path, body]: [string, string, unknown?]): Promise<Answered> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const response = await fetch(weir.baseUrl + path, init)
  return { status: response.status, headers: response.headers, body: await response.json() }
}

function chat(key: string, model = MODEL) {
  return as(key, 'POST', '/v1/chat/completions', {
    model,
    max_tokens: 20,
    messages: [{ role: 'user', content: 'Hello' }],
  })
}

const set = (settings: object) => weir.admin.call('PATCH', '/v1/tenant', { settings })
const operate = (status: string) => as(OPERATOR, 'PUT', `/v1/admin/tenants/${tenantId}/status`, { status })

describe('budget_exceeded_status', () => {
  it('is how the next request of a spent budget is answered, on each wire, and no other limit', async ({ expect }) => {
    const spent = await weir.admin.createKey({ budgetUsd: 0.000001 })
    const limited = await weir.admin.createKey({ rate_limit: { request_max_limit: 1, request_reset_duration: '1h' } })
    expect((await chat(limited.value)).status).toBe(200)
    expect((await chat(spent.value)).status).toBe(429)
    await set({ budget_exceeded_status: 402 })
    const { status, body, headers } = await chat(spent.value)
    expect([status, body.status_code, body.type, body.error.code]).toEqual([
      402,
      402,
      'budget_exceeded',
      'budget_exceeded',
    ])
    expect(headers.get('x-should-retry')).toBe('false')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    const message = { model: MODEL, max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }] }
    const anthropic = await as(spent.value, 'POST', '/v1/messages', message)
    expect([anthropic.status, anthropic.body.error.type]).toEqual([402, 'billing_error'])
    const client = new OpenAI({ apiKey: spent.value, baseURL: `${weir.baseUrl}/v1` })
    const asked = { model: MODEL, max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }] } as const
    await expect(client.chat.completions.create({ ...asked, messages: [...asked.messages] })).rejects.toMatchObject({
      status: 402,
      code: 'budget_exceeded',
    })
    expect((await chat(limited.value)).status).toBe(429)
    await set({ budget_exceeded_status: null })
    expect((await chat(spent.value)).status).toBe(429)
  })
})

describe('governance_compat 1.4', () => {
  it('lets a key without provider configs use all, and tells a key that is deleted then 403, as that release did', async ({
    expect,
  }) => {
    const bare = await weir.admin.createKey({ provider_configs: [] })
    const closed = await weir.admin.createKey({ provider_configs: [{ provider: 'openai', key_ids: [] }] })
    const deleted = async () => {
      const key = await weir.admin.createKey({})
      expect((await chat(key.value)).status).toBe(200)
      await weir.admin.call('DELETE', `/api/governance/virtual-keys/${key.id}`, undefined)
      return (await chat(key.value)).status
    }
    const statuses = async () => {
      const answers = [await chat(bare.value), await chat(bare.value, 'mock/echo'), await chat(closed.value)]
      const models = await as(bare.value, 'GET', '/v1/models')
      return [...answers.map(one => one.status), await deleted(), Math.sign(models.body.data.length)]
    }
    expect(await statuses()).toEqual([403, 403, 403, 401, 0])
    await set({ governance_compat: '1.4' })
    expect(await statuses()).toEqual([200, 200, 403, 403, 1])
    await weir.admin.updateKey(bare.id, { provider_configs: [{ provider: 'mock', allowed_models: ['*'] }] })
    expect((await chat(bare.value)).status).toBe(403)
    await weir.admin.updateKey(bare.id, { provider_configs: [] })
    expect((await chat(bare.value)).status).toBe(200)
    await set({ governance_compat: null })
    expect(await statuses()).toEqual([403, 403, 403, 401, 0])
  })
})

describe('a suspended tenant', () => {
  it('spends nothing more from the next request on, and goes on where it was when it is let in', async ({ expect }) => {
    const [one, other] = [
      await weir.admin.createKey({}),
      await weir.admin.createKey({ meter: { regions: 'one', shards: 2 } }),
    ]
    for (const key of [one, other]) expect((await chat(key.value)).status).toBe(200)
    expect((await operate('suspended')).status).toBe(200)
    for (const key of [one, other]) {
      for (let time = 0; time < 3; time += 1) {
        const { status, body } = await chat(key.value)
        expect([status, body.error.code]).toEqual([403, 'key_blocked'])
      }
      expect((await as(key.value, 'GET', '/v1/models')).status).toBe(403)
    }
    const refused = await as(weir.adminKey, 'GET', '/v1/tenant')
    expect([refused.status, refused.body.code]).toEqual([403, 'tenant_suspended'])
    await operate('active')
    for (const key of [one, other]) expect((await chat(key.value)).status).toBe(200)
    expect((await as(weir.adminKey, 'GET', '/v1/tenant')).status).toBe(200)
  })
})

describe('a tenant that the operator makes', () => {
  it('is entered by its owner, with the real hash of a password, who makes a key that spends', async ({ expect }) => {
    const owner_email = `${crypto.randomUUID()}@acme.com`
    const made = await as(OPERATOR, 'POST', '/v1/admin/tenants', { name: crypto.randomUUID(), owner_email })
    const accept = { token: made.body.data.invitation.token, name: 'Ada', password: PASSWORD }
    expect((await as('', 'POST', '/v1/auth/invitations/accept', accept)).status).toBe(201)
    const login = await as('', 'POST', '/v1/auth/login', { email: owner_email, password: PASSWORD })
    const token = login.body.data.accessToken
    const provider_configs = [{ provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }]
    const key = await as(token, 'POST', '/api/governance/virtual-keys', { name: 'k', provider_configs })
    expect((await chat(key.body.virtual_key.value)).status).toBe(200)
    expect((await as(token, 'GET', '/v1/tenant/plan')).body.data).toMatchObject({
      plan: 'enterprise',
      is_default: true,
    })
  })
})

describe('docs/tenants.md', () => {
  it('has lines that do what it says', async ({ expect }) => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/tenants.md'), 'utf8')
    const blocks = [...docs.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block.replace(/^\. .*$/m, ''))
    const told = { WEIR_BASE_URL: weir.baseUrl, WEIR_ADMIN_KEY: weir.adminKey, WEIR_SETUP_TOKEN: OPERATOR }
    // A line of its own for each answer.
    const script = `curl() { command curl "$@"; echo; }\n${blocks.join('\n')}`
    const { stdout } = await run('bash', ['-ec', script], { env: { ...process.env, ...told } })
    const answers = stdout.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line)]))
    expect(answers).toMatchObject([
      { data: { tenant_name: 'Acme', admin_key: expect.stringMatching(/^weir-admin-/) } },
      { data: { name: 'Acme', settings: { budget_exceeded_status: 402, allowed_origins: ['https://app.acme.com'] } } },
      { data: { email: 'grace@acme.com', role: 'finance', token: expect.stringMatching(/^weir-inv-/) } },
      // The token in the line is none.
      { code: 'key_invalid' },
      { data: { name: 'new-reports', percentage: 25, roles: ['finance', 'owner'] } },
      { data: { 'new-reports': expect.any(Boolean) } },
    ])
    expect(answers.length).toBe(6)
  })
})
