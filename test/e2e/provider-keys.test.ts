import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const [OLD_SECRET, NEW_SECRET] = ['secret-of-yesterday-0123456789-abcdef', 'secret-of-today-0123456789-abcdefgh']
/** Not in the form of any vendor's keys, so that no redaction by form can hide that one was written. */
const MARK = 'Planted'
const planted: string[] = []
/** What the server wrote to its log, before it was started anew too. */
const logs: string[] = []

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  const env = { WEIR_SECRET: OLD_SECRET, TENANT_ENV_KEYS: 'LENT_API_KEY', LENT_API_KEY: 'lent by the deployment' }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { ...env, LENT_API_KEY: 'lent-by-the-deployment' } })
})

afterAll(async () => {
  await weir.dispose()
  await upstream.stop()
})

afterEach(() => {
  logs.push(weir.output())
})

type Key = { id: string; name: string }
type Answer = { status: number; text: string; code: string | undefined; authorization: string | undefined }

const api = (method: string, path: string, body?: unknown) => weir.admin.call(method, `/api${path}`, body)

function secret(): string {
  const text = `${MARK}.${crypto.randomUUID()}`
  planted.push(text)
  return text
}

/** An account of the tenant's own at the scripted upstream, with the keys given, and a virtual key that may use it. */
async function account(keys: object[], config: object = {}) {
  const name = `own-${crypto.randomUUID().slice(0, 8)}`
  const network_config = { base_url: upstream.baseUrl }
  const made = await api('POST', '/providers', { provider: name, vendor: 'openai', network_config, keys })
  const provider_configs = [{ provider: name, allowed_models: ['*'], key_ids: ['*'], ...config }]
  const virtual = await weir.admin.createKey({ budgetUsd: 1, provider_configs })
  return { name, keys: made.keys as Key[], virtual: virtual.id as string, value: virtual.value as string }
}

/** One request, and what the upstream was shown with it. */
async function ask(value: string, model: string, x_upstream: object = {}): Promise<Answer> {
  const call = crypto.randomUUID()
  const messages = [{ role: 'user', content: 'hello' }]
  const body = { model, max_tokens: 5, metadata: { call }, messages, x_upstream }
  const headers = { authorization: `Bearer ${value}`, 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, init)
  const text = await answer.text()
  const authorization = upstream.callsOf(call)[0]?.authorization?.replace('Bearer ', '')
  return { status: answer.status, text, code: JSON.parse(text).error?.code, authorization }
}

describe("a tenant's own keys", () => {
  it('are sent instead of the deployment’s, at the prices of their vendor', async ({ expect }) => {
    const mine = secret()
    const { name, value, virtual } = await account([{ name: 'k', value: mine }])
    const answer = await ask(value, `${name}/gpt-4o-mini`)
    expect(answer).toMatchObject({ status: 200, authorization: mine })
    const events = () => weir.admin.listEvents({ virtual_key_id: virtual })
    const [event] = await until(events, list => list.some(one => one.virtual_key_id === virtual))
    expect(event).toMatchObject({ provider: name, model: 'gpt-4o-mini' })
    expect(event.cost_nano).toBeGreaterThan(0)
  })

  it('take the place of the deployment’s under its name, and give it back', async ({ expect }) => {
    const [mine, grant] = [secret(), { provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }]
    const { value } = await weir.admin.createKey({ budgetUsd: 1, provider_configs: [grant] })
    const authorization = async () => (await ask(value, 'openai/gpt-4o-mini')).authorization
    expect(await authorization()).toBe('sk-upstream')
    const network_config = { base_url: upstream.baseUrl }
    const { keys } = await api('POST', '/providers', {
      provider: 'openai',
      network_config,
      keys: [{ name: 'k', value: mine }],
    })
    expect(await authorization()).toBe(mine)
    // Without a key that is on, the account is still the tenant's: nobody else's key is used.
    await api('PUT', `/providers/openai/keys/${keys[0].id}`, { enabled: false })
    expect(await ask(value, 'openai/gpt-4o-mini')).toMatchObject({ status: 502, code: 'provider_key_unusable' })
    await api('DELETE', `/providers/openai/keys/${keys[0].id}`)
    expect(await ask(value, 'openai/gpt-4o-mini')).toMatchObject({ status: 502, authorization: undefined })
    await api('DELETE', '/providers/openai')
    expect(await authorization()).toBe('sk-upstream')
  })

  it('are in force, rotated, switched off, cut down and deleted by the very next request', async ({ expect }) => {
    const [before, after] = [secret(), secret()]
    const { name, value, keys } = await account([{ name: 'k', value: before }])
    const path = `/providers/${name}/keys/${keys[0]?.id}`
    const model = `${name}/gpt-4o-mini`
    expect((await ask(value, model)).authorization).toBe(before)
    await api('POST', `${path}/rotate`, { value: after })
    expect((await ask(value, model)).authorization).toBe(after)
    await api('PUT', path, { models: ['gpt-4o'] })
    expect(await ask(value, model)).toMatchObject({ status: 403, code: 'provider_blocked', authorization: undefined })
    expect(await ask(value, `${name}/gpt-4o`)).toMatchObject({ status: 200, authorization: after })
    await api('PUT', path, { models: ['*'], blacklisted_models: ['GPT-4o'] })
    expect(await ask(value, `${name}/gpt-4o`)).toMatchObject({ status: 403, authorization: undefined })
    await api('PUT', path, { enabled: false })
    expect(await ask(value, model)).toMatchObject({ status: 502, code: 'provider_key_unusable' })
    await api('PUT', path, { enabled: true })
    expect((await ask(value, model)).authorization).toBe(after)
    await api('DELETE', path)
    expect(await ask(value, model)).toMatchObject({ status: 502, authorization: undefined })
    await api('DELETE', `/providers/${name}`)
    expect((await ask(value, model)).status).toBeGreaterThanOrEqual(400)
  })

  it('are used by the objects that host a call, and known to each of several meters', async ({ expect }) => {
    const [before, after] = [secret(), secret()]
    const { name, value, keys, virtual } = await account([{ name: 'k', value: before }])
    await weir.admin.updateKey(virtual, { settlement: 'durable', meter: { regions: 'one', shards: 4 } })
    const many = () => Promise.all(Array.from({ length: 12 }, () => ask(value, `${name}/gpt-4o-mini`)))
    expect(new Set((await many()).map(({ authorization }) => authorization))).toEqual(new Set([before]))
    await api('POST', `/providers/${name}/keys/${keys[0]?.id}/rotate`, { value: after })
    expect(new Set((await many()).map(({ authorization }) => authorization))).toEqual(new Set([after]))
  })

  it('are drawn by their weights', async ({ expect }) => {
    const [light, heavy, spare] = [secret(), secret(), secret()]
    const { name, value } = await account([
      { name: 'light', value: light, weight: 1 },
      { name: 'heavy', value: heavy, weight: 3 },
      { name: 'spare', value: spare, weight: 0 },
    ])
    const answers: Answer[] = []
    for (let round = 0; round < 10; round += 1) {
      answers.push(...(await Promise.all(Array.from({ length: 20 }, () => ask(value, `${name}/gpt-4o-mini`)))))
    }
    const count = (key: string) => answers.filter(answer => answer.authorization === key).length
    expect(count(light) + count(heavy)).toBe(200)
    // 150 of 200 are expected; six standard deviations are 37.
    expect(Math.abs(count(heavy) - 150)).toBeLessThan(37)
  })

  it('are used for the models on their lists, and by the virtual keys that name them', async ({ expect }) => {
    const [small, large] = [secret(), secret()]
    const both = await account([
      { name: 'small', value: small, models: ['gpt-4o-mini'] },
      { name: 'large', value: large, blacklisted_models: ['gpt-4o-mini'] },
    ])
    expect((await ask(both.value, `${both.name}/gpt-4o-mini`)).authorization).toBe(small)
    expect((await ask(both.value, `${both.name}/gpt-4o`)).authorization).toBe(large)
    const key_ids = both.keys.filter(key => key.name === 'large').map(key => key.id)
    const provider_configs = [{ provider: both.name, allowed_models: ['*'], key_ids }]
    await weir.admin.updateKey(both.virtual, { provider_configs })
    expect(await ask(both.value, `${both.name}/gpt-4o-mini`)).toMatchObject({ status: 403, code: 'provider_blocked' })
    expect((await ask(both.value, `${both.name}/gpt-4o`)).authorization).toBe(large)
    await api('DELETE', `/providers/${both.name}/keys/${key_ids[0]}`)
    expect(await ask(both.value, `${both.name}/gpt-4o`)).toMatchObject({ status: 403, authorization: undefined })
  })

  it('are waited for as long as their account says', async ({ expect }) => {
    const { name, value } = await account([{ name: 'k', value: secret() }])
    const slow = { delay_ms: 1500 }
    expect(await ask(value, `${name}/gpt-4o-mini`, slow)).toMatchObject({ status: 200 })
    await api('PUT', `/providers/${name}`, { network_config: { default_request_timeout_in_seconds: 1 } })
    const late = await ask(value, `${name}/gpt-4o-mini`, slow)
    expect(late).toMatchObject({ status: 502, code: 'provider_unreachable' })
    expect(late.text).toContain('did not answer in time')
    expect(await ask(value, `${name}/gpt-4o-mini`)).toMatchObject({ status: 200 })
  })

  it('may be variables that the deployment lends, and no others', async ({ expect }) => {
    const { name, value } = await account([{ name: 'k', value: 'env.LENT_API_KEY' }])
    expect((await ask(value, `${name}/gpt-4o-mini`)).authorization).toBe('lent-by-the-deployment')
    for (const variable of ['WEIR_SECRET', 'OPENAI_API_KEY', 'WEIR_SETUP_TOKEN']) {
      const keys = [{ name: 'k', value: `env.${variable}` }]
      await expect(api('POST', '/providers', { provider: 'thief', vendor: 'openai', keys })).rejects.toThrow(/400/)
    }
  })
})

// After all others: it starts the server anew.
describe('a deployment whose settings change', () => {
  it('opens what was sealed under the secret before, lends no more, and keeps its own to itself', async ({
    expect,
  }) => {
    const mine = secret()
    const own = await account([{ name: 'k', value: mine }])
    const lent = await account([{ name: 'k', value: 'env.LENT_API_KEY' }])
    const shared = await weir.admin.createKey({ budgetUsd: 1 })
    expect((await ask(shared.value, 'openai/gpt-4o-mini')).authorization).toBe('sk-upstream')
    logs.push(weir.output())
    await weir.stop()
    const secrets = { WEIR_SECRET: NEW_SECRET, WEIR_SECRET_PREVIOUS: OLD_SECRET }
    await weir.restart({ ...secrets, SHARED_PROVIDERS: 'off', TENANT_ENV_KEYS: '' })
    expect((await ask(own.value, `${own.name}/gpt-4o-mini`)).authorization).toBe(mine)
    expect(await ask(lent.value, `${lent.name}/gpt-4o-mini`)).toMatchObject({
      status: 502,
      code: 'provider_key_unusable',
    })
    const refused = await ask(shared.value, 'openai/gpt-4o-mini')
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(refused.authorization).toBeUndefined()
    // Nothing was sent, so nothing is held or spent.
    const { budgets } = await weir.admin.getKey(lent.virtual)
    expect(budgets[0].current_usage).toBe(0)
    expect(await api('PUT', `/providers/${own.name}`, {})).toMatchObject({ keys: [{ name: 'k' }] })
    expect((await ask(own.value, `${own.name}/gpt-4o-mini`)).authorization).toBe(mine)
  })
})

function filesUnder(dir: string): string[] {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

// Databases come and go with their journals while they are looked through.
function readIfThere(file: string): string {
  try {
    return readFileSync(file).toString('latin1')
  } catch {
    return ''
  }
}

// Last of all, over everything that the tests above have left behind.
describe('secrets of provider keys', () => {
  it('are in no answer, no log line and no file', async ({ expect }) => {
    const own = await account([{ name: 'k', value: secret(), weight: 2 }])
    const last = planted.at(-1) ?? ''
    const path = `/providers/${own.name}`
    const bad = [
      `{"name":"n","value":"${last}"`,
      `{"name":"n","value":${last}}`,
      { value: [last] },
      { value: last, weight: 'x' },
    ]
    const headers = { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' }
    const told: string[] = []
    for (const body of bad) {
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const answer = await fetch(`${weir.baseUrl}/api${path}/keys`, { method: 'POST', headers, body: text })
      expect(answer.status).toBe(400)
      told.push(await answer.text())
    }
    const unreachable = await api('PUT', path, { network_config: { base_url: 'http://127.0.0.1:1/v1' } })
    told.push(JSON.stringify(unreachable), (await ask(own.value, `${own.name}/gpt-4o-mini`)).text)
    const rotated = await api('POST', `${path}/keys/${own.keys[0]?.id}/rotate`, { value: secret() })
    const seen = ['/providers', path, `${path}/keys`, `${path}/keys/${own.keys[0]?.id}`, '/keys']
    for (const one of [...seen, '/governance/virtual-keys', `/governance/virtual-keys/${own.virtual}`]) {
      told.push(JSON.stringify(await api('GET', one)))
    }
    told.push(JSON.stringify(rotated), ...logs, weir.output())
    const files = filesUnder(weir.home)
    const written = files.map(readIfThere)
    // A piece of one would do: the mark is at their beginning, and four characters of their end are shown.
    expect(planted.length).toBeGreaterThan(10)
    expect(told.filter(text => text.includes(MARK))).toEqual([])
    expect(files.filter((_, index) => written[index]?.includes(MARK))).toEqual([])
    for (const one of planted) expect(told.filter(text => text.includes(one.slice(-12)))).toEqual([])
    // The same search finds what is there: the names, and what is sealed.
    expect(written.some(text => text.includes(own.name))).toBe(true)
    expect(written.some(text => /v1\.[\w-]{100}/.test(text))).toBe(true)
  })
})
