import { describe, it } from 'vitest'
import { decideTool } from '../../workers/core/mcp/decide-tool.ts'
import { headerOwner } from '../../workers/core/mcp/header-owner.ts'
import { KEYS, newTenant, openTenant, seals } from './fake-ports.ts'

const MCP = '/api/mcp/client'
const LIST = '/api/mcp/clients'
const URL = 'https://tools.acme.com/mcp/'
const SERVER = { name: 'files', connection_type: 'http', connection_string: URL, tools_to_execute: ['*'] }

type Tenant = Awaited<ReturnType<typeof openTenant>>

const add = async ({ make }: Tenant, over: Record<string, unknown> = {}) =>
  (await make(MCP, { ...SERVER, ...over })).client

const keyWith = async ({ make }: Tenant, mcp_configs?: unknown[]) =>
  make(KEYS, { name: crypto.randomUUID(), ...(mcp_configs && { mcp_configs }) })

/** Which of some tools a key may use, as its pushed snapshot says. */
function usable({ latest }: Tenant, keyId: string, ...names: string[]): string[] {
  const { mcp = [] } = latest(keyId) ?? {}
  return names.filter(name => decideTool(name, mcp, {}).kind === 'allowed')
}

describe('an MCP server', () => {
  it('is added, shown with its headers masked, changed and taken away', async ({ expect }) => {
    const tenant = await openTenant()
    const headers = { Authorization: 'Bearer secret-0123456789', 'X-Lent': 'env.LENT_KEY' }
    const { config, state, tools } = await add(tenant, { headers, tool_execution_timeout: 7 })
    expect([state, tools]).toEqual(['pending_tools', []])
    expect(config).toMatchObject({
      ...{ name: 'files', connection_type: 'http', connection_string: URL, auth_type: 'headers' },
      ...{ tools_to_execute: ['*'], tool_execution_timeout: 7, is_active: true, disabled: false },
      headers: { Authorization: '****6789', 'X-Lent': 'env.LENT_KEY' },
    })
    const path = `${MCP}/${config.client_id}`
    expect((await tenant.get(path)).config).toEqual(config)
    const list = await tenant.get(LIST)
    expect(list).toMatchObject({ count: 1, total_count: 1, offset: 0, limit: 1 })
    expect(list.clients[0].config).toEqual(config)
    expect((await tenant.get(`${LIST}?search=ILE&limit=5`)).count).toBe(1)
    expect((await tenant.get(`${LIST}?search=none`)).count).toBe(0)

    const changed = await tenant.put(path, { disabled: true, connection_type: 'sse' })
    expect(changed.client.state).toBe('disabled')
    expect(changed.client.config).toMatchObject({ name: 'files', connection_type: 'sse', is_active: false })
    expect((await tenant.call('DELETE', path)).status).toBe(200)
    expect((await tenant.call('DELETE', path)).status).toBe(404)
    expect((await tenant.get(LIST)).clients).toEqual([])
  })

  it('keeps the value of a header whose mask comes back, sealed to its place', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant, { headers: { Authorization: 'Bearer secret-0123456789' } })
    const key = await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: ['*'] }])
    const sealed = () => tenant.latest(key.id)?.mcp?.[0]?.server?.headers ?? []
    const [before] = sealed()
    const owner = headerOwner({ tenantId: tenant.tenantId, id: config.client_id }, 'Authorization')
    expect(await seals.open(before?.sealed ?? '', owner)).toBe('{"secret":"Bearer secret-0123456789"}')
    const elsewhere = headerOwner({ tenantId: tenant.tenantId, id: config.client_id }, 'X-Other')
    expect(await seals.open(before?.sealed ?? '', elsewhere)).toBeUndefined()

    await tenant.put(`${MCP}/${config.client_id}`, { headers: { ...config.headers, 'X-More': 'one' } })
    expect(sealed().map(({ name }) => name)).toEqual(['Authorization', 'X-More'])
    expect(sealed()[0]).toEqual(before)
    await tenant.put(`${MCP}/${config.client_id}`, { headers: {} })
    expect(sealed()).toEqual([])
  })

  it.for([
    [/name is required/, { name: '' }],
    [/letters, digits and underscores/, { name: 'a-b' }],
    [/letters, digits and underscores/, { name: 'a b' }],
    [/1 to 48/, { name: 'x'.repeat(49) }],
    [/^Invalid JSON$/, { name: 5 }],
    [/connection_type is required/, { connection_type: undefined }],
    [/connection_type "stdio" is not available: a Worker/, { connection_type: 'stdio', stdio_config: undefined }],
    [/must be http or sse/, { connection_type: 'ws' }],
    [/connection_string is required/, { connection_string: undefined }],
    [/must begin with https/, { connection_string: 'http://tools.acme.com' }],
    [/public internet/, { connection_string: 'https://127.0.0.1/mcp' }],
    [/public internet/, { connection_string: 'https://metadata.internal/mcp' }],
    [/a user or a password/, { connection_string: 'https://u:p@tools.acme.com' }],
    [/a query/, { connection_string: 'https://tools.acme.com/mcp?key=s' }],
    [/auth_type "oauth" is not available/, { auth_type: 'oauth' }],
    [/invalid tools_to_execute for mcp client files: wildcard/, { tools_to_execute: ['*', 'a'] }],
    [/duplicate value 'a'/, { tools_to_execute: ['a', 'a'] }],
    [/the name of a tool/, { tools_to_execute: [''] }],
    [/more than 200 tools/, { tools_to_execute: Array.from({ length: 201 }, (_, n) => `t${n}`) }],
    [/tools_to_auto_execute is not available/, { tools_to_auto_execute: ['a'] }],
    [/tool_pricing is not available/, { tool_pricing: { a: 1 } }],
    [/vk_configs is not available/, { vk_configs: [{}] }],
    [/is_code_mode_client is not available/, { is_code_mode_client: true }],
    [/from 0 to 600/, { tool_execution_timeout: -1 }],
    [/from 0 to 600/, { tool_execution_timeout: 601 }],
    [/^Invalid JSON$/, { tool_execution_timeout: 1.5 }],
    [/contradict each other/, { is_active: true, disabled: true }],
    [/the name of a header/, { headers: { 'a b': 'x' } }],
    [/headers.Host is set by the protocol/, { headers: { Host: 'x' } }],
    [/set by the protocol/, { headers: { 'Mcp-Session-Id': 'x' } }],
    [/has characters in it/, { headers: { 'X-A': 'line\nbreak' } }],
    [/cannot be empty/, { headers: { 'X-A': '' } }],
    [/more than 4096/, { headers: { 'X-A': 'x'.repeat(4097) } }],
    [/TENANT_ENV_KEYS/, { headers: { 'X-A': 'env.WEIR_SECRET' } }],
    [/is masked/, { headers: { 'X-A': '****6789' } }],
    [/named twice/, { headers: { 'X-A': 'x', 'x-a': 'y' } }],
    [/more than 20/, { headers: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`x-${n}`, 'v'])) }],
  ] as const)('is refused: %s', async ([words, over], { expect }) => {
    const tenant = await openTenant()
    const answer = await tenant.call('POST', MCP, { ...SERVER, ...over })
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(words) } } })
    expect((await tenant.get(LIST)).clients).toEqual([])
  })

  it('has a name of its own in its tenant, whatever its case, and in no other', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant)
    const again = await tenant.call('POST', LIST, { ...SERVER, name: 'FILES' })
    expect(again).toMatchObject({ status: 400, body: { error: { message: /already exists/ } } })
    const other = await newTenant(tenant)
    expect((await other.call('POST', MCP, SERVER)).status).toBe(200)
    expect((await other.call('GET', `${MCP}/${config.client_id}`)).status).toBe(404)
    expect((await other.call('GET', LIST)).body.count).toBe(1)
  })

  it('is changed only as its caller knows it, where that says If-Match', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant)
    const path = `${LIST}/${config.client_id}`
    const { headers } = await tenant.call('GET', path)
    const etag = headers.get('etag') ?? ''
    expect((await tenant.call('PUT', path, { name: 'one' }, { 'if-match': etag })).status).toBe(200)
    expect((await tenant.call('PUT', path, { name: 'two' }, { 'if-match': etag })).status).toBe(412)
    expect((await tenant.call('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412)
  })

  it('tells what tools it has when it is asked, which allows none of them', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant, { tools_to_execute: [] })
    const key = await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: ['*'] }])
    const path = `${MCP}/${config.client_id}`
    const refreshed = await tenant.make(`${path}/refresh-tools`, {})
    const tools = [{ name: 'read', description: 'reads', parameters: { type: 'object' } }]
    expect(refreshed).toMatchObject({ status: 'success', tool_count: 1, tools })
    expect(await tenant.get(path)).toMatchObject({ state: 'connected', tools })
    expect(usable(tenant, key.id, 'files-read')).toEqual([])
  })
})

describe('the tools of a virtual key', () => {
  it('are none by default, those that it names, and no more than the server may give', async ({ expect }) => {
    const tenant = await openTenant()
    await add(tenant, { tools_to_execute: ['read', 'write'] })
    const all = ['files-read', 'files-write', 'files-remove', 'other-read', 'read']
    const of = async (configs?: unknown[]) => usable(tenant, (await keyWith(tenant, configs)).id, ...all)
    expect(await of()).toEqual([])
    expect(await of([])).toEqual([])
    expect(await of([{ mcp_client_name: 'files' }])).toEqual([])
    expect(await of([{ mcp_client_name: 'files', tools_to_execute: [] }])).toEqual([])
    expect(await of([{ mcp_client_name: 'Files', tools_to_execute: ['read', 'remove'] }])).toEqual(['files-read'])
    expect(await of([{ mcp_client_name: 'files', tools_to_execute: ['*'] }])).toEqual(['files-read', 'files-write'])
  })

  it('are all of a server that allows every key, unless the key says otherwise', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant, { allow_on_all_virtual_keys: true })
    const silent = await keyWith(tenant)
    const strict = await keyWith(tenant, [{ mcp_client_id: config.client_id, tools_to_execute: ['read'] }])
    const none = await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: [] }])
    const of = ({ id }: { id: string }) => usable(tenant, id, 'files-read', 'files-write')
    expect([of(silent), of(strict), of(none)]).toEqual([['files-read', 'files-write'], ['files-read'], []])
    await tenant.put(`${MCP}/${config.client_id}`, { allow_on_all_virtual_keys: false })
    expect([of(silent), of(strict)]).toEqual([[], ['files-read']])
  })

  it('are all where the tenant wants it as it was in 1.4, unless the key says otherwise', async ({ expect }) => {
    const tenant = await openTenant()
    await add(tenant)
    const silent = await keyWith(tenant)
    const strict = await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: ['read'] }])
    const of = ({ id }: { id: string }) => usable(tenant, id, 'files-read', 'files-write')
    const set = (governance_compat: string | null) =>
      tenant.call('PATCH', '/v1/tenant', { settings: { governance_compat } })
    expect((await set('1.4')).status).toBe(200)
    expect([of(silent), of(strict)]).toEqual([['files-read', 'files-write'], ['files-read']])
    await set(null)
    expect([of(silent), of(strict)]).toEqual([[], ['files-read']])
  })

  it('are shown as the schema and as the server of Bifrost have them, and changed as a whole', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant)
    await add(tenant, { name: 'web' })
    const key = await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: ['read'] }])
    const client = { mcp_client_id: config.client_id, mcp_client_name: 'files' }
    const shown = { id: 1, virtual_key_id: key.id, ...client, tools_to_execute: ['read'] }
    expect(key.mcp_configs).toEqual([{ ...shown, mcp_client: { client_id: config.client_id, name: 'files' } }])
    const put = async (mcp_configs: unknown) => (await tenant.put(`${KEYS}/${key.id}`, { mcp_configs })).mcp_configs
    const web = { mcp_client_name: 'web', tools_to_execute: ['*'] }
    expect(await put([web, { id: 1 }])).toMatchObject([{ id: 2, ...web }, shown])
    expect(await put(null)).toHaveLength(2)
    expect(await put([web])).toMatchObject([{ id: 2 }])
    expect(usable(tenant, key.id, 'files-read', 'web-get')).toEqual(['web-get'])
    expect(await put([])).toEqual([])
  })

  it.for([
    [[{}], /mcp_client_name is required/],
    [[{ mcp_client_name: 'nobody' }], /failed to get MCP client: there is none that is called nobody/],
    [[{ mcp_client_name: 'files' }, { mcp_client_name: 'FILES' }], /duplicate mcp_client_name: files/],
    [[{ mcp_client_name: 'files', tools_to_execute: ['*', 'a'] }], /invalid tools_to_execute for mcp client files/],
    [[{ id: 9, tools_to_execute: ['a'] }], /mcp config 9 does not belong to this virtual key/],
    [[{ mcp_client_name: 'files', tools_to_execute: 'a' }], /^Invalid JSON$/],
  ] as const)('are not %j', async ([mcp_configs, words], { expect }) => {
    const tenant = await openTenant()
    await add(tenant)
    const answer = await tenant.call('POST', KEYS, { name: 'k', mcp_configs })
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(words) } } })
  })

  it('are gone from every key before a server that goes is told to be gone', async ({ expect }) => {
    const tenant = await openTenant()
    const { config } = await add(tenant)
    const keys = [await keyWith(tenant, [{ mcp_client_name: 'files', tools_to_execute: ['*'] }]), await keyWith(tenant)]
    tenant.pushes()
    await tenant.put(`${MCP}/${config.client_id}`, { is_active: false })
    expect(tenant.pushes()).toHaveLength(2)
    // Known all the same: what names its tools is refused, and not passed on as something else.
    expect(keys.map(({ id }) => tenant.latest(id)?.mcp)).toEqual([[{ name: 'files' }], [{ name: 'files' }]])
    await tenant.call('DELETE', `${MCP}/${config.client_id}`)
    expect(tenant.pushes()).toHaveLength(2)
    expect(keys.map(({ id }) => tenant.latest(id)?.mcp)).toEqual([undefined, undefined])
    expect((await tenant.get(`${KEYS}/${keys[0]?.id}`)).mcp_configs).toEqual([])
    // Its name is free again, and gives nothing to who was allowed what had it before.
    await add(tenant)
    expect(usable(tenant, keys[0]?.id ?? '', 'files-read')).toEqual([])
  })
})
