import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { readSecret, writeSecret } from '../../workers/core/key/account-secret.ts'
import { sealer } from '../../workers/core/key/seal.ts'
import { secretOpener } from '../../workers/providers/open-secret.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, openTenant, seals, send } from './fake-ports.ts'

const PROVIDERS = '/api/providers'
const ISO_NOW = new Date(NOW).toISOString()
const UUID = /^[0-9a-f-]{36}$/
const DOCUMENT = '{"private_key":"a\\nb","token_uri":"https://oauth2.googleapis.com/token"}'
const SECRET = 'sk-proj-0123456789abcdef'

const opened = async (tenantId: string, key: { id: string; sealed: string } | undefined) => {
  const text = key && (await seals.open(key.sealed, { tenantId, keyId: key.id }))
  return text === undefined ? undefined : readSecret(text)
}

const config = (provider: string, rest: object = {}) => ({ provider, allowed_models: ['*'], key_ids: ['*'], ...rest })

/** A tenant with an account `openai` of two keys, and a virtual key that may use all there is. */
async function withAccount(overrides?: Parameters<typeof openTenant>[0]) {
  const tenant = await openTenant(overrides)
  const keys = [
    { name: 'first', value: SECRET },
    { name: 'second', value: 'sk-second-0123456789', weight: 3 },
  ]
  const account = await tenant.make(PROVIDERS, { provider: 'openai', keys })
  const [first, second] = account.keys
  const virtual = await tenant.make(KEYS, { name: 'k', provider_configs: [config('openai'), config('anthropic')] })
  const accountsOf = () => tenant.latest(virtual.id)?.accounts
  return { ...tenant, account, first, second, virtual, accountsOf }
}

describe('an account at a provider', () => {
  it('is made with its keys and shown without their secrets', async ({ expect }) => {
    const { call, tenantId } = await openTenant()
    const body = {
      provider: 'My-LLM',
      vendor: 'OpenAI',
      network_config: { base_url: 'https://llm.example.com/v1//', default_request_timeout_in_seconds: 30 },
      region: 'eu-central-1',
      residency: 'EU',
      keys: [{ name: 'main', value: SECRET, models: ['gpt-4o'], blacklisted_models: ['gpt-4'], weight: 0.5 }],
    }
    const key = {
      id: expect.stringMatching(UUID),
      key_id: expect.stringMatching(UUID),
      name: 'main',
      provider: 'my-llm',
      value: { value: '****cdef', env_var: '', from_env: false },
      models: ['gpt-4o'],
      blacklisted_models: ['gpt-4'],
      weight: 0.5,
      enabled: true,
      created_at: ISO_NOW,
      updated_at: ISO_NOW,
      rotated_at: null,
    }
    const shown = {
      name: 'my-llm',
      vendor: 'openai',
      is_shared: false,
      network_config: { base_url: 'https://llm.example.com/v1', default_request_timeout_in_seconds: 30 },
      region: 'eu-central-1',
      residency: 'eu',
      keys: [key],
      version: 1,
      created_at: ISO_NOW,
      updated_at: ISO_NOW,
    }
    const answer = await call('POST', PROVIDERS, body)
    expect(answer).toMatchObject({ status: 200, body: shown })
    expect((await call('GET', `${PROVIDERS}/MY-LLM`)).body).toEqual(answer.body)
    expect((await call('GET', `${PROVIDERS}/my-llm/keys`)).body).toEqual({ keys: answer.body.keys, total: 1 })
    const id = answer.body.keys[0].id
    expect((await call('GET', `${PROVIDERS}/my-llm/keys/${id}`)).body).toEqual(answer.body.keys[0])
    expect((await call('GET', '/api/keys')).body).toEqual(answer.body.keys)
    const row = await env.DB.prepare('SELECT * FROM provider_key WHERE tenant_id = ?1').bind(tenantId).first()
    expect(JSON.stringify(row)).not.toContain(SECRET.slice(0, -4))
    expect(await opened(tenantId, row as { id: string; sealed: string })).toEqual({ secret: SECRET })
  })

  it('is listed beside the providers of the deployment that it does not take the place of', async ({ expect }) => {
    const { get, virtual } = await withAccount()
    const { providers, total } = await get(PROVIDERS)
    const names = providers.map((one: { name: string; is_shared: boolean }) => `${one.name} ${one.is_shared}`)
    expect(names).toEqual(['openai false', 'anthropic true', 'Mock true'])
    expect(total).toBe(3)
    expect(await get(`${PROVIDERS}/anthropic`)).toEqual({
      name: 'anthropic',
      vendor: 'anthropic',
      is_shared: true,
      network_config: {},
      keys: [],
    })
    expect(virtual.provider_configs.map((one: { provider: string }) => one.provider)).toEqual(['openai', 'anthropic'])
  })

  it('keeps what an update does not name, and clears what it says is empty', async ({ expect }) => {
    const { make, put, get, first } = await withAccount()
    const network_config = { base_url: 'https://one.example.com', stream_idle_timeout_in_seconds: 5 }
    await put(`${PROVIDERS}/openai`, { region: 'r', residency: 'us', network_config })
    const changed = await put(`${PROVIDERS}/openai`, { network_config: { default_request_timeout_in_seconds: 9 } })
    expect(changed).toMatchObject({
      vendor: 'openai',
      region: 'r',
      residency: 'us',
      network_config: { ...network_config, default_request_timeout_in_seconds: 9 },
      version: 3,
    })
    expect(changed.keys[0]).toEqual(first)
    const cleared = await put(`${PROVIDERS}/openai`, { region: '', residency: '', network_config: { base_url: '' } })
    expect(cleared).toMatchObject({ region: null, residency: null })
    expect(cleared.network_config.base_url).toBeUndefined()
    expect(await get(`${PROVIDERS}/openai`)).toEqual(cleared)
    expect(await make(`${PROVIDERS}/openai/keys`, { name: 'third', value: 'x' })).toMatchObject({ name: 'third' })
  })

  it('is gone with its keys when it is deleted, and its name is free again', async ({ expect }) => {
    const { call, make, get, accountsOf, tenantId } = await withAccount()
    expect(accountsOf()).toHaveLength(1)
    expect((await call('DELETE', `${PROVIDERS}/openai`)).status).toBe(200)
    expect(accountsOf()).toBeUndefined()
    expect((await call('DELETE', `${PROVIDERS}/openai`)).status).toBe(404)
    expect((await call('PUT', `${PROVIDERS}/openai`, {})).status).toBe(404)
    expect(await get(`${PROVIDERS}/openai`)).toMatchObject({ is_shared: true })
    expect(await get('/api/keys')).toEqual([])
    const left = await env.DB.prepare('SELECT count(*) AS n FROM provider_key WHERE tenant_id = ?1').bind(tenantId)
    expect(await left.first('n')).toBe(0)
    const again = await make(PROVIDERS, { provider: 'openai', keys: [{ name: 'new', value: 'sk-new' }] })
    expect(again).toMatchObject({ version: 3, region: null, keys: [{ name: 'new' }] })
    expect(accountsOf()).toMatchObject([{ name: 'openai', keys: [{ name: 'new' }] }])
  })

  it('loses no key that is added while others are', async ({ expect }) => {
    const { make, get, accountsOf } = await withAccount()
    const names = Array.from({ length: 8 }, (_, index) => `at once ${index}`)
    await Promise.all(names.map(name => make(`${PROVIDERS}/openai/keys`, { name, value: 'sk-x' })))
    const { keys } = await get(`${PROVIDERS}/openai/keys`)
    expect(keys.map((key: { name: string }) => key.name).sort()).toEqual([...names, 'first', 'second'].sort())
    expect(accountsOf()?.[0]?.keys).toHaveLength(10)
  })

  it('is made once by those who make it at once', async ({ expect }) => {
    const { call } = await openTenant()
    const answers = await Promise.all([1, 2, 3, 4].map(() => call('POST', PROVIDERS, { provider: 'openai' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
  })
})

describe('a key of a provider', () => {
  it('keeps its secret and its id where an update names neither, or gives the mask back', async ({ expect }) => {
    const { put, first, accountsOf, tenantId } = await withAccount()
    const path = `${PROVIDERS}/openai/keys/${first.id}`
    const before = accountsOf()?.[0]?.keys[0]?.sealed
    const changed = await put(path, { ...first, name: 'renamed', weight: 7, enabled: true, models: ['gpt-4o-mini'] })
    expect(changed).toMatchObject({ id: first.id, name: 'renamed', weight: 7, models: ['gpt-4o-mini'] })
    expect(changed).toMatchObject({ value: first.value, rotated_at: null })
    const key = accountsOf()?.[0]?.keys.find(one => one.id === first.id)
    expect(key).toMatchObject({ name: 'renamed', weight: 7, sealed: before })
    expect(await opened(tenantId, key)).toEqual({ secret: SECRET })
  })

  it.for([
    ['PUT', '', { value: 'sk-rotated-0123' }],
    ['PUT', '', { value: { value: ' sk-rotated-0123\n' } }],
    ['POST', '/rotate', { value: 'sk-rotated-0123' }],
  ] as const)('has another secret after %s%s, in every snapshot before the answer', async (given, { expect }) => {
    const [method, suffix, body] = given
    const { call, first, accountsOf, tenantId } = await withAccount()
    const { status, body: shown } = await call(method, `${PROVIDERS}/openai/keys/${first.id}${suffix}`, body)
    expect(status).toBe(200)
    expect(shown).toMatchObject({ id: first.id, name: 'first', rotated_at: ISO_NOW, value: { value: '****0123' } })
    expect(await opened(tenantId, accountsOf()?.[0]?.keys[0])).toEqual({ secret: 'sk-rotated-0123' })
  })

  it('is in no snapshot while it is off, and where all are off the account is there without keys', async ({
    expect,
  }) => {
    const { put, first, second, accountsOf } = await withAccount()
    await put(`${PROVIDERS}/openai/keys/${first.id}`, { enabled: false })
    expect(accountsOf()).toMatchObject([{ keys: [{ id: second.id, weight: 3 }] }])
    await put(`${PROVIDERS}/openai/keys/${second.id}`, { enabled: false })
    expect(accountsOf()).toMatchObject([{ name: 'openai', keys: [] }])
    await put(`${PROVIDERS}/openai/keys/${first.id}`, { enabled: true })
    expect(accountsOf()).toMatchObject([{ keys: [{ id: first.id }] }])
  })

  it('allows nothing once it is deleted, though virtual keys still name it', async ({ expect }) => {
    const { call, put, make, latest, first, second } = await withAccount()
    const configs = [config('openai', { key_ids: [first.id] })]
    const named = await make(KEYS, { name: 'named', provider_configs: configs })
    expect(named.provider_configs[0]).toMatchObject({
      allow_all_keys: false,
      keys: [{ id: first.id, key_id: first.id, name: 'first', provider: 'openai', models: ['*'] }],
    })
    expect(JSON.stringify(named)).not.toContain('cdef')
    expect((await call('DELETE', `${PROVIDERS}/openai/keys/${first.id}`)).status).toBe(200)
    expect((await call('DELETE', `${PROVIDERS}/openai/keys/${first.id}`)).status).toBe(404)
    const snapshot = latest(named.id)
    expect(snapshot?.providers[0]?.keyIds).toEqual([first.id])
    expect(snapshot?.accounts?.[0]?.keys.map(key => key.id)).toEqual([second.id])
    // What was there may be said again; what never was may not.
    const again = await put(`${KEYS}/${named.id}`, { provider_configs: configs })
    expect(again.provider_configs[0]).toMatchObject({ allow_all_keys: false, keys: [] })
    const other = await call('POST', KEYS, { name: 'other', provider_configs: configs })
    expect(other.body.error.message).toBe('some keys not found for provider openai: expected 1, found 0')
  })

  it('is named by virtual keys of its own provider only', async ({ expect }) => {
    const { call, make, first, second } = await withAccount()
    const named = await make(KEYS, { name: 'a', provider_configs: [config('openai', { key_ids: [second.id] })] })
    expect(named.provider_configs[0].keys).toMatchObject([{ name: 'second' }])
    const elsewhere = { name: 'b', provider_configs: [config('anthropic', { key_ids: [first.id] })] }
    expect((await call('POST', KEYS, elsewhere)).body.error.message).toMatch(/expected 1, found 0/)
    const { call: stranger } = await withAccount()
    const theirs = { name: 'c', provider_configs: [config('openai', { key_ids: [first.id, second.id] })] }
    expect((await stranger('POST', KEYS, theirs)).body.error.message).toMatch(/expected 2, found 0/)
  })

  it.for([
    [
      { provider: 'my-azure', vendor: 'azure' },
      {
        value: 'azure-key-0123456789',
        azure_key_config: {
          endpoint: 'https://r.openai.azure.com/',
          api_version: '2024-10-21',
          deployments: { 'gpt-4o': 'Dep' },
        },
      },
      { secret: 'azure-key-0123456789' },
      { baseUrl: 'https://r.openai.azure.com', apiVersion: '2024-10-21', deployments: '{"gpt-4o":"Dep"}' },
    ],
    [
      { provider: 'vertex' },
      { vertex_key_config: { project_id: 'p', region: 'europe-west1', auth_credentials: DOCUMENT } },
      { secret: DOCUMENT },
      { project: 'p', region: 'europe-west1' },
    ],
    [
      { provider: 'bedrock' },
      {
        bedrock_key_config: {
          access_key: 'AKIA0123456789ABCDEF',
          secret_key: { value: 'aws-secret-0123456789', env_var: '', from_env: false },
          session_token: 'aws-session-0123456789',
          region: 'eu-central-1',
        },
      },
      { secret: 'aws-secret-0123456789', settings: { sessionToken: 'aws-session-0123456789' } },
      { accessKeyId: 'AKIA0123456789ABCDEF', region: 'eu-central-1' },
    ],
  ] as const)('has what its vendor wants to know beside it: %j', async (given, { expect }) => {
    const [account, key, secret, settings] = given
    const { make, put, latest, tenantId } = await openTenant()
    const { name, keys } = await make(PROVIDERS, { ...account, keys: [{ name: 'k', ...key }] })
    const virtual = await make(KEYS, { name: 'v', provider_configs: [config(name)] })
    const held = () => latest(virtual.id)?.accounts?.[0]?.keys[0]
    expect(held()?.settings).toEqual(settings)
    expect(await opened(tenantId, held())).toEqual(secret)
    expect(JSON.stringify(keys)).not.toMatch(/0123456789(?!\*)|private_key/)
    // What was shown may be sent back, and changes nothing.
    await put(`${PROVIDERS}/${name}/keys/${keys[0].id}`, keys[0])
    expect(held()?.settings).toEqual(settings)
    expect(await opened(tenantId, held())).toEqual(secret)
  })

  it('is sealed under the secret of today wherever its account is written', async ({ expect }) => {
    const yesterday = sealer('the-secret-of-yesterday-0123456789')
    let seal = yesterday
    const { put, get, first, accountsOf, tenantId } = await withAccount({
      sealSecret: (secret, owner) => seal.seal(writeSecret(secret), owner),
      resealSecret: (sealed, owner) => seal.reseal(sealed, owner),
    })
    expect(await opened(tenantId, accountsOf()?.[0]?.keys[0])).toBeUndefined()
    seal = sealer('test-secret-test-secret-test-secret-0', 'the-secret-of-yesterday-0123456789')
    await put(`${PROVIDERS}/openai`, {})
    expect(await opened(tenantId, accountsOf()?.[0]?.keys[0])).toEqual({ secret: SECRET })
    expect(await get(`${PROVIDERS}/openai/keys/${first.id}`)).toEqual(first)
  })
})

describe('a variable of the deployment', () => {
  it.for([
    'env.LENT_KEY',
    { env_var: 'LENT_KEY', from_env: true },
    { value: '', env_var: 'env.LENT_KEY', from_env: true },
  ])('may be referred to where the deployment lends it: %j', async (value, { expect }) => {
    const { make, latest } = await openTenant()
    const { keys } = await make(PROVIDERS, { provider: 'openai', keys: [{ name: 'k', value }] })
    expect(keys[0].value).toEqual({ value: '', env_var: 'env.LENT_KEY', from_env: true })
    const virtual = await make(KEYS, { name: 'v', provider_configs: [config('openai')] })
    expect(latest(virtual.id)?.accounts?.[0]?.keys[0]?.sealed).toBe('env.LENT_KEY')
  })

  it.for([
    'env.WEIR_SECRET',
    'env.OPENAI_API_KEY',
    'env.',
    'env.lent_key',
    'env.LENT_KEY.x',
    'env.__proto__',
    'env.constructor',
  ])('may not where it does not: %s', async (value, { expect }) => {
    const { call } = await openTenant()
    const keys = [{ name: 'k', value }]
    const refusal = { status: 400, body: { error: { message: expect.stringContaining('TENANT_ENV_KEYS') } } }
    expect(await call('POST', PROVIDERS, { provider: 'openai', keys })).toMatchObject(refusal)
    await call('POST', PROVIDERS, { provider: 'openai' })
    expect(await call('POST', `${PROVIDERS}/openai/keys`, keys[0])).toMatchObject(refusal)
  })

  it('is not given to a key that was let to refer to it before, once it is lent no more', async ({ expect }) => {
    const lent = new Map([['LENT_KEY', 'sk-lent']])
    const open = secretOpener({ sealer: seals, variable: name => lent.get(name) })
    const owner = { tenantId: 't', keyId: 'k' }
    const inside = await seals.seal(JSON.stringify({ secret: 's', settings: { sessionToken: 'env.LENT_KEY' } }), owner)
    expect(await open('env.LENT_KEY', owner)).toMatchObject({ secret: 'sk-lent' })
    expect(await open(inside, owner)).toEqual({ secret: 's', settings: { sessionToken: 'sk-lent' } })
    lent.clear()
    for (const sealed of ['env.LENT_KEY', inside]) {
      await expect(open(sealed, owner)).rejects.toMatchObject({ code: 'provider_key_unusable' })
    }
  })

  it('opens nothing from memory for another owner', async ({ expect }) => {
    const open = secretOpener({ sealer: seals, variable: () => undefined })
    const owner = { tenantId: 't', keyId: 'k' }
    const sealed = await seals.seal(JSON.stringify({ secret: 's' }), owner)
    expect(await open(sealed, owner)).toMatchObject({ secret: 's' })
    for (const other of [
      { ...owner, tenantId: 'u' },
      { ...owner, keyId: 'l' },
    ]) {
      await expect(open(sealed, other)).rejects.toMatchObject({ code: 'provider_key_unusable' })
    }
  })
})

describe('a snapshot', () => {
  it('has the accounts that its grants name, whole, and no others', async ({ expect }) => {
    const { make, latest, virtual, tenantId } = await withAccount()
    await make(PROVIDERS, { provider: 'anthropic', network_config: { stream_idle_timeout_in_seconds: 2 } })
    await make(PROVIDERS, { provider: 'unused', vendor: 'openai', keys: [{ name: 'k', value: 'x' }] })
    const [anthropic, openai] = latest(virtual.id)?.accounts ?? []
    expect(anthropic).toEqual({
      name: 'anthropic',
      vendor: 'anthropic',
      baseUrl: null,
      region: null,
      residency: null,
      keys: [],
      patience: { firstTokenMs: null, answerMs: null, idleMs: 2000 },
    })
    expect(openai).toMatchObject({ name: 'openai', baseUrl: null, region: null, residency: null })
    expect(openai).not.toHaveProperty('patience')
    expect(Object.keys(openai?.keys[0] ?? {}).sort()).toEqual(
      ['blacklistedModels', 'id', 'models', 'name', 'sealed', 'settings', 'weight'].sort(),
    )
    expect(latest(virtual.id)?.tenantId).toBe(tenantId)
    const without = await make(KEYS, { name: 'none', provider_configs: [config('mock')] })
    expect(latest(without.id)).not.toHaveProperty('accounts')
    const denied = await make(KEYS, { name: 'denied', provider_configs: [config('openai', { key_ids: [] })] })
    expect(latest(denied.id)).not.toHaveProperty('accounts')
  })

  it('is pushed by every change of an account or a key, and to no key that cannot use it', async ({ expect }) => {
    const { make, put, call, pushes, virtual, first } = await withAccount()
    await make(KEYS, { name: 'other', provider_configs: [config('anthropic')] })
    pushes()
    const key = `${PROVIDERS}/openai/keys/${first.id}`
    const changes: Call[] = [
      ['PUT', `${PROVIDERS}/openai`, { region: 'r' }],
      ['POST', `${PROVIDERS}/openai/keys`, { name: 'n', value: 'x' }],
      ['PUT', key, { weight: 2 }],
      ['POST', `${key}/rotate`, { value: 'y' }],
      ['DELETE', key],
      ['DELETE', `${PROVIDERS}/openai`],
      ['POST', PROVIDERS, { provider: 'openai' }],
    ]
    for (const [index, change] of changes.entries()) {
      expect((await call(...change)).status, change.join(' ')).toBe(200)
      expect(pushes()).toEqual([`key ${virtual.id} v${index + 2}`])
    }
    await put(`${KEYS}/${virtual.id}`, { provider_configs: [config('anthropic')] })
    pushes()
    await put(`${PROVIDERS}/openai`, {})
    expect(pushes()).toEqual([])
  })

  it('is the same whether the key or the account was written last', async ({ expect }) => {
    const { make, put, latest, virtual } = await withAccount()
    const before = latest(virtual.id)?.accounts
    await put(`${KEYS}/${virtual.id}`, { description: 'changed' })
    expect(latest(virtual.id)?.accounts).toEqual(before)
    await make('/v1/limits', { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' })
    expect(latest(virtual.id)?.accounts).toEqual(before)
  })

  it('is told to be on its way where a meter does not answer', async ({ expect }) => {
    let isDown = false
    const pushSnapshot = async () => {
      if (isDown) throw new Error('down')
    }
    const { call, get, first } = await withAccount({ pushSnapshot })
    isDown = true
    const answer = await call('POST', `${PROVIDERS}/openai/keys/${first.id}/rotate`, { value: 'sk-rotated-0123' })
    expect(answer).toMatchObject({ status: 503 })
    expect(await get(`${PROVIDERS}/openai/keys/${first.id}`)).toMatchObject({ value: { value: '****0123' } })
  })

  it('names accounts where limits and virtual keys name providers', async ({ expect }) => {
    const { make, put, call } = await openTenant({ providers: () => [] })
    const own = { name: 'v', provider_configs: [config('My-LLM')] }
    expect((await call('POST', KEYS, own)).body.error.message).toBe('invalid provider name: My-LLM')
    await make(PROVIDERS, { provider: 'my-llm', vendor: 'openai' })
    expect((await make(KEYS, own)).provider_configs[0].provider).toBe('my-llm')
    const budget = { max_limit: 1, reset_duration: '1d' }
    expect(await put('/api/governance/providers/MY-LLM', { budget })).toMatchObject({ provider: 'my-llm' })
    const limit = { scope: 'provider:MY-LLM', unit: 'tokens', max: 5, duration: '1h' }
    expect((await make('/v1/limits', limit)).scope).toBe('provider:my-llm')
  })
})

describe('what is refused', () => {
  const key = (rest: object) => ({ provider: 'openai', keys: [{ name: 'k', value: 'sk-x', ...rest }] })
  const at = (base_url: unknown) => ({ provider: 'openai', network_config: { base_url } })

  it.for<[unknown, RegExp]>([
    ['{', /^Invalid JSON$/],
    ['[]', /^Invalid JSON/],
    ['null', /^Invalid JSON/],
    ['"openai"', /^Invalid JSON/],
    [{}, /^provider name is required$/],
    [{ provider: '   ' }, /^provider name is required$/],
    [{ provider: 7 }, /^Invalid JSON: provider/],
    [{ provider: 'a/b' }, /^provider must be a name/],
    [{ provider: '../x' }, /^provider must be a name/],
    [{ provider: 'x'.repeat(64) }, /^provider must be a name/],
    [{ provider: "x' OR 1=1 --" }, /^provider must be a name/],
    [{ provider: 'nobody' }, /^vendor must be one of openai, anthropic/],
    [{ provider: 'x', vendor: 'nobody' }, /^vendor must be one of/],
    [{ provider: 'x', vendor: 'openai-compatible' }, /^network_config.base_url is required/],
    [at(7), /^Invalid JSON: network_config.base_url/],
    [at('http://llm.example.com'), /must begin with https/],
    [at('https://127.0.0.1/v1'), /public internet/],
    [at('https://169.254.169.254/'), /public internet/],
    [at('https://[::1]/'), /public internet/],
    [at('https://0x7f000001'), /public internet/],
    [at('https://u:p@llm.example.com'), /a user or a password/],
    [at('https://llm.example.com/v1?x=1'), /a query or a fragment/],
    [at('https://llm.example.com/v1#x'), /a query or a fragment/],
    [at('nonsense'), /is not a URL/],
    [at(`https://${'x'.repeat(3000)}.com`), /more than 2048/],
    [{ provider: 'openai', region: 'eu central' }, /^region must be/],
    [{ provider: 'openai', residency: '<eu>' }, /^residency must be/],
    [
      { provider: 'openai', network_config: { default_request_timeout_in_seconds: -1 } },
      /^Invalid JSON: network_config/,
    ],
    [
      { provider: 'openai', network_config: { default_request_timeout_in_seconds: 1.5 } },
      /^Invalid JSON: network_config/,
    ],
    [
      { provider: 'openai', network_config: { default_request_timeout_in_seconds: 1e9 } },
      /^Invalid JSON: network_config/,
    ],
    [{ provider: 'openai', keys: {} }, /^Invalid JSON: keys/],
    [{ provider: 'openai', keys: [7] }, /^Invalid JSON: keys.0/],
    [key({ name: '' }), /^Key name is required$/],
    [key({ name: 'x'.repeat(300) }), /^Key name cannot have more/],
    [key({ value: 7 }), /^Invalid JSON: keys.0.value/],
    [key({ value: null }), /^value is required for key k$/],
    [key({ value: '' }), /^value cannot be empty$/],
    [key({ value: '****abcd' }), /^value is required/],
    [key({ value: 'a\r\nx-evil: 1' }), /^value has characters/],
    [key({ value: 'snow☃man' }), /^value has characters/],
    [key({ value: 'x'.repeat(20_000) }), /^value cannot have more/],
    [key({ weight: -1 }), /^weight must be/],
    [key({ weight: 1e300 }), /^weight must be/],
    [key({ weight: '1' }), /^Invalid JSON: keys.0.weight/],
    [key({ models: ['*', 'gpt-4o'] }), /^invalid models for key k: wildcard/],
    [key({ models: ['gpt-4o', 'GPT-4o'] }), /^invalid models for key k: duplicate/],
    [key({ models: 'gpt-4o' }), /^Invalid JSON: keys.0.models/],
    [key({ models: Array.from({ length: 501 }, (_, n) => `m${n}`) }), /^models must be up to/],
    [key({ blacklisted_models: [''] }), /^blacklisted_models must be up to/],
    [key({ enabled: 'yes' }), /^Invalid JSON: keys.0.enabled/],
    [key({ azure_key_config: { endpoint: 'https://x.com' } }), /^azure_key_config is of no use/],
    [key({ bedrock_key_config: {} }), /^bedrock_key_config is of no use/],
    [
      { provider: 'azure', keys: [{ name: 'k', value: 'x', azure_key_config: { endpoint: 'https://10.0.0.1' } }] },
      /public internet/,
    ],
    [
      { provider: 'azure', keys: [{ name: 'k', value: 'x', azure_key_config: { api_version: 'env.LENT_KEY' } }] },
      /is no secret/,
    ],
    ...['../x', 'x.evil.com/', 'a@b', 'x?y', 'x#y', '-x', 'x'.repeat(200)].flatMap((odd): [unknown, RegExp][] => [
      [
        { provider: 'bedrock', keys: [{ name: 'k', value: 'x', bedrock_key_config: { region: odd } }] },
        /region must be/,
      ],
      [
        { provider: 'vertex', keys: [{ name: 'k', value: '{}', vertex_key_config: { region: odd } }] },
        /region must be/,
      ],
      [
        { provider: 'vertex', keys: [{ name: 'k', value: '{}', vertex_key_config: { project_id: odd } }] },
        /must be up to/,
      ],
    ]),
    [{ provider: 'vertex', keys: [{ name: 'k', value: 'no document' }] }, /^value must be the JSON/],
    ...['http://metadata.google.internal/', 'https://10.0.0.1', 7, 'x'].map((token_uri): [unknown, RegExp] => [
      {
        provider: 'vertex',
        keys: [{ name: 'k', vertex_key_config: { auth_credentials: JSON.stringify({ token_uri }) } }],
      },
      /^vertex_key_config.auth_credentials names a token_uri/,
    ]),
    [
      { provider: 'bedrock', keys: [{ name: 'k', bedrock_key_config: { session_token: 'x' } }] },
      /session_token needs its secret_key/,
    ],
    [
      { provider: 'openai', keys: Array.from({ length: 101 }, (_, n) => ({ name: `k${n}`, value: 'x' })) },
      /more than 100 keys/,
    ],
  ])('in the words of the field: %j', async ([body, message], { expect }) => {
    const { call } = await openTenant()
    const answer = await call('POST', PROVIDERS, body)
    expect(answer).toMatchObject({ status: 400, body: { is_bifrost_error: false, status_code: 400, extra_fields: {} } })
    expect(answer.body.error.message).toMatch(message)
    const { body: after } = await call('GET', PROVIDERS)
    expect(after.providers.every((one: { is_shared: boolean }) => one.is_shared)).toBe(true)
  })

  it('a body that is too large, and more than fits into a snapshot', async ({ expect }) => {
    const { call } = await openTenant()
    const large = key({ value: 'x'.repeat(200_000) })
    expect((await call('POST', PROVIDERS, large)).status).toBe(413)
    const roomy = await openTenant({ maxBodyBytes: 10_000_000 })
    const keys = Array.from({ length: 40 }, (_, n) => ({ name: `k${n}`, value: 'x'.repeat(16_000) }))
    const answer = await roomy.call('POST', PROVIDERS, { provider: 'openai', keys })
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.body.error.message).toMatch(/together cannot have more than/)
  })

  it('two keys of one name, and a provider that is there', async ({ expect }) => {
    const { call, first, second } = await withAccount()
    const keys = `${PROVIDERS}/openai/keys`
    expect((await call('POST', PROVIDERS, { provider: 'OpenAI' })).status).toBe(409)
    expect((await call('POST', keys, { name: 'first', value: 'x' })).status).toBe(409)
    expect((await call('PUT', `${keys}/${second.id}`, { name: 'first' })).status).toBe(409)
    expect((await call('PUT', `${keys}/${first.id}`, { name: 'first' })).status).toBe(200)
    expect(await call('PUT', `${PROVIDERS}/openai`, { keys: [] })).toMatchObject({ status: 400 })
  })

  it.for<[string, string, unknown]>([
    ['GET', '', undefined],
    ['PUT', '', {}],
    ['DELETE', '', undefined],
    ['GET', '/keys', undefined],
    ['POST', '/keys', { name: 'n', value: 'x' }],
    ['GET', '/keys/ID', undefined],
    ['PUT', '/keys/ID', {}],
    ['DELETE', '/keys/ID', undefined],
    ['POST', '/keys/ID/rotate', { value: 'x' }],
  ])("what is unknown, the deployment's, or another provider's: %s %s", async ([method, suffix, body], { expect }) => {
    const { call, make, first } = await withAccount()
    await make(PROVIDERS, { provider: 'anthropic' })
    const path = (name: string, id: string) => `${PROVIDERS}/${name}${suffix.replace('ID', id)}`
    const unknown = await call(method, path('nobody', first.id), body)
    expect(unknown).toMatchObject({ status: 404, body: { error: { message: 'Provider not found' } } })
    if (method !== 'GET') expect((await call(method, path('mock', first.id), body)).status).toBe(404)
    if (!suffix.includes('ID')) return
    for (const id of [crypto.randomUUID(), 'nonsense', '%00', '..%2f..']) {
      expect((await call(method, path('openai', id), body)).body.error.message).toBe('Key not found')
    }
    expect((await call(method, path('anthropic', first.id), body)).body.error.message).toBe('Key not found')
  })

  it.for([{}, { value: null }, { value: '' }, { value: '****cdef' }, '{', { value: [] }])(
    'a rotation to nothing: %j',
    async (body, { expect }) => {
      const { call, first, accountsOf, tenantId } = await withAccount()
      expect((await call('POST', `${PROVIDERS}/openai/keys/${first.id}/rotate`, body)).status).toBe(400)
      expect(await opened(tenantId, accountsOf()?.[0]?.keys[0])).toEqual({ secret: SECRET })
    },
  )

  it('never with the secret in the words', async ({ expect }) => {
    const { call, first } = await withAccount()
    const keys = `${PROVIDERS}/openai/keys`
    const bodies = [
      `{"name":"n","value":"${SECRET}"`,
      `{"name":"n","value":${SECRET}}`,
      { name: 'n', value: [SECRET] },
      { name: 'n', value: { value: SECRET, from_env: 'x' } },
      { name: 'n', value: `${SECRET}\n${SECRET}` },
      { name: 'n', value: `env.${SECRET}` },
      { name: 'first', value: SECRET },
      { name: 'n', value: SECRET, weight: -1 },
      { value: SECRET },
    ]
    for (const body of bodies) {
      const answers = [await call('POST', keys, body), await call('PUT', `${keys}/${first.id}`, body)]
      expect(JSON.stringify(answers)).not.toContain(SECRET)
      expect(answers[0]?.status).toBeGreaterThanOrEqual(400)
    }
  })
})

describe("another tenant's accounts", () => {
  it('are neither seen nor changed, under the same name and by the same ids', async ({ expect }) => {
    const control = fakeControl()
    const [mine, theirs] = [await newTenant(control), await newTenant(control)]
    const body = { provider: 'openai', keys: [{ name: 'k', value: SECRET }] }
    const { body: account } = await theirs.call('POST', PROVIDERS, body)
    await mine.call('POST', PROVIDERS, { provider: 'openai', keys: [{ name: 'mine', value: 'sk-mine' }] })
    const path = `${PROVIDERS}/openai/keys/${account.keys[0].id}`
    for (const call of [
      ['GET', path],
      ['PUT', path, { value: 'x' }],
      ['DELETE', path],
    ] as Call[]) {
      expect((await send(control, mine.adminKey, call)).status).toBe(404)
    }
    expect((await mine.call('GET', '/api/keys')).body.map((key: { name: string }) => key.name)).toEqual(['mine'])
    expect((await mine.call('DELETE', `${PROVIDERS}/openai`)).status).toBe(200)
    expect((await theirs.call('GET', `${PROVIDERS}/openai`)).body).toEqual(account)
  })
})
