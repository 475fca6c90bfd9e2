// Tools of MCP servers, as a tenant's admin allows them and its clients use them. The server is a real one, over HTTP; what may be
// used is in force with the next request.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startMcpServer, TOOLS } from '../support/mcp-server.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const MCP = '/api/mcp/client'
const VKS = '/api/governance/virtual-keys'
const SECRET = 'Bearer secret-of-the-mcp-server'

let mcp: Awaited<ReturnType<typeof startMcpServer>>
let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  ;[mcp, upstream] = await Promise.all([startMcpServer(), startUpstream()])
  const env = { ALLOW_PRIVATE_UPSTREAMS: 'on', TENANT_ENV_KEYS: 'LENT', LENT: 'lent-value', MAX_BODY_BYTES: '65536' }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env })
})

afterAll(async () => {
  await weir?.dispose()
  await Promise.all([mcp?.stop(), upstream?.stop()])
})

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Answer = { status: number; body: any; headers: Headers }

async function post(path: string, body: unknown, headers: Record<string, string>): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
  const answer = await fetch(weir.baseUrl + path, { ...init, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json(), headers: answer.headers }
}

const unique = () => `t${crypto.randomUUID().replaceAll('-', '')}`

/** A server of the tenant's at a path of the scripted one. */
async function addServer(path = '/mcp', more: Record<string, unknown> = {}) {
  const connection_type = path === '/sse' || path === '/stray' ? 'sse' : 'http'
  const where = { connection_type, connection_string: mcp.url + path }
  const body = { name: unique(), ...where, tools_to_execute: ['*'], headers: { Authorization: SECRET }, ...more }
  return (await weir.admin.call('POST', MCP, body)).client.config as { name: string; client_id: string }
}

const allow = (server: { name: string }, tools: string[]) => ({ mcp_client_name: server.name, tools_to_execute: tools })

const newKey = (mcp_configs: unknown[], more: Record<string, unknown> = {}) =>
  weir.admin.createKey({ mcp_configs, ...more })

type Key = { id: string; value: string }

type More = { args?: unknown; headers?: Record<string, string> }

function execute(key: Key, name: string, { args = {}, headers = {} }: More = {}): Promise<Answer> {
  const call = { id: 'call_1', type: 'function', function: { name, arguments: JSON.stringify(args) } }
  return post('/v1/mcp/tool/execute', call, { authorization: `Bearer ${key.value}`, ...headers })
}

describe('a tool that a key may use', () => {
  it.for(['/mcp', '/events', '/plain', '/sse'])(
    'is called at a server that answers as %s does',
    async (path, { expect }) => {
      const server = await addServer(path, { headers: { Authorization: SECRET, 'X-Lent': 'env.LENT' } })
      const key = await newKey([allow(server, ['echo'])])
      const from = mcp.requests.length
      const { status, body } = await execute(key, `${server.name}-echo`, { args: { text: 'hällo', big: 1 } })
      expect(status).toBe(200)
      const content = '{"text":"hällo","big":1}'
      expect(body).toEqual({ role: 'tool', tool_call_id: 'call_1', name: `${server.name}-echo`, content })
      const seen = mcp.requests.slice(from)
      const greeted = seen.map(({ message }) => message.method).filter(Boolean)
      expect(greeted).toEqual(['initialize', 'notifications/initialized', 'tools/call'])
      for (const { headers } of seen) {
        expect([headers.authorization, headers['x-lent']]).toEqual([SECRET, 'lent-value'])
        // Nothing of the caller's goes on.
        expect(JSON.stringify(headers)).not.toContain(key.value)
      }
    },
  )

  it('has its session ended when it has answered', async ({ expect }) => {
    const server = await addServer('/mcp')
    await execute(await newKey([allow(server, ['*'])]), `${server.name}-echo`)
    await until(
      async () => mcp.sessions.size,
      size => size === 0,
    )
    expect(mcp.requests.at(-1)?.verb).toBe('DELETE')
  })

  it('answers in the words of a response, where those are asked for', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['*'])])
    const call = { call_id: 'fc_1', name: `${server.name}-echo`, arguments: '{"n":12345678901234567890}' }
    const headers = { authorization: `Bearer ${key.value}` }
    const { body } = await post('/v1/mcp/tool/execute?format=responses', call, headers)
    const item = { type: 'function_call_output', call_id: 'fc_1', name: call.name, status: 'completed' }
    expect(body).toEqual({ ...item, output: expect.stringContaining('"n":1234567890123456') })
    // As it was said, to the last digit.
    const sent = mcp.callsOf('echo').at(-1)
    expect(sent?.raw).toContain('12345678901234567890')
  })

  it('answers what it has to say, whatever that is, and that it failed', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['*'])])
    const mixed = await execute(key, `${server.name}-mixed`)
    expect(mixed.body.content).toBe('one\n{"type":"image","data":"AAAA","mimeType":"image/png"}\ntwo')
    expect((await execute(key, `${server.name}-shaped`)).body.content).toBe('{"sum":3}')
    const failed = await execute(key, `${server.name}-fail`)
    expect([failed.status, failed.body.content]).toEqual([200, 'it did not work'])
    expect([failed.headers.get('x-weir-tool-error'), mixed.headers.get('x-weir-tool-error')]).toEqual(['true', null])
  })

  it('is a request of its key: counted by limits, told by events, and free', async ({ expect }) => {
    const server = await addServer()
    const rate_limit = { request_max_limit: 2, request_reset_duration: '1d' }
    const key = await newKey([allow(server, ['*'])], { rate_limit, budgetUsd: 0.000001 })
    const name = `${server.name}-echo`
    const statuses = []
    for (let n = 0; n < 3; n += 1)
      statuses.push((await execute(key, name, { headers: { 'x-feature': 'tools' } })).status)
    expect(statuses).toEqual([200, 200, 429])
    const refused = await execute(key, name)
    expect(refused.body.error).toMatchObject({ code: 'request_limited', message: /Request limit exceeded/ })
    const listed = () => weir.admin.listEvents({ virtual_key_id: key.id })
    const events = await until(listed, list => list.length >= 2)
    const told = { provider: 'mcp', model: name, cost_nano: 0, feature: 'tools', success: true, outcome: 'ok' }
    expect(events).toMatchObject([told, told])
    const { rate_limit: used } = await weir.admin.getKey(key.id)
    expect(used.request_current_usage).toBe(2)
  })

  it('may have a limit of its own', async ({ expect }) => {
    const server = await addServer()
    const name = `${server.name}-echo`
    await weir.admin.call('POST', '/v1/limits', { scope: `model:${name}`, unit: 'requests', max: 1, duration: '1d' })
    const key = await newKey([allow(server, ['*'])])
    expect([(await execute(key, name)).status, (await execute(key, name)).status]).toEqual([200, 429])
    expect((await execute(key, `${server.name}-mixed`)).status).toBe(200)
  })
})

describe('a tool that a key may not use', () => {
  it('is refused by its name, and its server never hears of it', async ({ expect }) => {
    const server = await addServer('/mcp', { tools_to_execute: ['echo', 'fail'] })
    const [some, none] = [await newKey([allow(server, ['echo', 'mixed'])]), await newKey([])]
    const from = mcp.requests.length
    const tools: [Key, string][] = [
      [some, 'fail'],
      // Allowed to the key, and not by the server's own list.
      [some, 'mixed'],
      [none, 'echo'],
    ]
    for (const [key, tool] of tools) {
      const name = `${server.name}-${tool}`
      const { status, body } = await execute(key, name)
      const message = `Tool '${name}' is not allowed for this virtual key.`
      const common = { type: 'mcp_tool_blocked', is_bifrost_error: false, status_code: 403, extra_fields: {} }
      expect([status, body]).toMatchObject([403, { ...common, error: { message, code: 'mcp_tool_blocked' } }])
    }
    expect(mcp.requests.length).toBe(from)
    expect((await execute(some, `${server.name}-echo`)).status).toBe(200)
  })

  it('is told from one that there is not, and from none that is of another tenant', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['*'])])
    for (const name of ['nobody-echo', 'echo', `${server.name}`, `${server.name}-`]) {
      expect([name, (await execute(key, name)).body.error.code]).toEqual([name, 'mcp_tool_unknown'])
    }
    const unlisted = await execute(key, `${server.name}-none`)
    expect([unlisted.status, unlisted.body.error.code]).toEqual([400, 'mcp_call_refused'])
    expect(unlisted.body.error.message).toContain('Unknown tool: none')
  })

  it('is refused from the moment in which that is said', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['echo'])])
    const name = `${server.name}-echo`
    const status = async () => (await execute(key, name)).status
    expect(await status()).toBe(200)
    await weir.admin.call('PUT', `${VKS}/${key.id}`, { mcp_configs: [allow(server, [])] })
    expect(await status()).toBe(403)
    await weir.admin.call('PUT', `${VKS}/${key.id}`, { mcp_configs: [allow(server, ['*'])] })
    expect(await status()).toBe(200)
    await weir.admin.call('PUT', `${MCP}/${server.client_id}`, { disabled: true })
    expect(await status()).toBe(403)
    await weir.admin.call('DELETE', `${MCP}/${server.client_id}`)
    expect(await status()).toBe(404)
  })

  it('is what a request takes away from itself, which gives it nothing', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['echo', 'mixed'])])
    const { name } = server
    const status = async (tool: string, headers: Record<string, string>) =>
      (await execute(key, `${name}-${tool}`, { headers })).status
    const tools = (value: string) => ({ 'x-bf-mcp-include-tools': value })
    expect(await status('echo', tools(`${name}-echo`))).toBe(200)
    expect(await status('mixed', tools(`${name}-echo`))).toBe(403)
    expect(await status('mixed', tools(`other-x, ${name}-*`))).toBe(200)
    expect(await status('fail', tools(`${name}-*`))).toBe(403)
    expect(await status('echo', tools(''))).toBe(403)
    expect(await status('echo', { 'x-bf-mcp-include-clients': 'other' })).toBe(403)
    expect(await status('echo', { 'x-bf-mcp-include-clients': `${name},other` })).toBe(200)
  })
})

describe('tools that a request gives its model', () => {
  const chat = (key: Key, tools: unknown[], headers: Record<string, string> = {}) =>
    post(
      '/v1/chat/completions',
      { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5, tools },
      { authorization: `Bearer ${key.value}`, ...headers },
    )
  const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })

  it('pass where the key may use them or they are its own, and are refused by name where not', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['echo'])])
    const [may, mayNot] = [tool(`${server.name}-echo`), tool(`${server.name}-fail`)]
    expect((await chat(key, [may, tool('own-tool'), tool('own')])).status).toBe(200)
    expect(upstream.calls.at(-1)?.body.tools).toHaveLength(3)
    const from = upstream.calls.length
    const { status, body } = await chat(key, [may, mayNot])
    expect([status, body.error]).toMatchObject([403, { code: 'mcp_tool_blocked', param: 'tools' }])
    expect(body.error.message).toBe(`Tool '${server.name}-fail' is not allowed for this virtual key.`)
    expect((await chat(key, [may], { 'x-bf-mcp-include-tools': '' })).status).toBe(403)
    expect(upstream.calls.length).toBe(from)
  })

  it('are looked at on every wire, and POST /v1/route says the same', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['echo'])])
    const name = `${server.name}-fail`
    const headers = { authorization: `Bearer ${key.value}` }
    const messages = [{ role: 'user', content: 'hi' }]
    const input_schema = { type: 'object' }
    const asked: [string, Record<string, unknown>][] = [
      ['/v1/chat/completions', { messages, tools: [tool(name)] }],
      ['/v1/chat/completions', { messages, functions: [{ name, parameters: {} }] }],
      ['/v1/responses', { input: 'hi', tools: [{ type: 'function', name, parameters: {} }] }],
      ['/v1/messages', { messages, max_tokens: 5, tools: [{ name, input_schema }] }],
    ]
    for (const [path, fields] of asked) {
      const request = { model: 'openai/gpt-4o-mini', ...fields }
      expect([path, (await post(path, request, headers)).status]).toEqual([path, 403])
      const { body } = await post('/v1/route', { path, request }, headers)
      expect([path, body.data.refusal?.code]).toEqual([path, 'mcp_tool_blocked'])
    }
    const gemini = {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      tools: [{ functionDeclarations: [{ name }] }],
    }
    const path = '/v1beta/models/openai/gpt-4o-mini:generateContent'
    const answer = await post(path, gemini, { 'x-goog-api-key': key.value })
    expect([answer.status, answer.body.error.message]).toMatchObject([403, /is not allowed/])
  })
})

describe('a server that does not do as it should', () => {
  const FAILURES: [path: string, status: number, code: string, words: RegExp][] = [
    ['/old', 502, 'mcp_server_error', /speaks no version/],
    ['/denied', 502, 'mcp_server_error', /refused what Weir proves itself with \(HTTP 401\)/],
    ['/page', 502, 'mcp_server_error', /no JSON-RPC message/],
    ['/moved', 502, 'mcp_server_error', /HTTP 302/],
    ['/broken', 502, 'mcp_server_unreachable', /could not be reached/],
    ['/leaving', 502, 'mcp_server_unreachable', /broke off. What it was asked to do it may have done/],
    ['/long', 502, 'mcp_server_error', /longer than 4194304 bytes/],
    ['/stray', 502, 'mcp_server_error', /an address for messages that is not its own/],
    ['/mute', 504, 'mcp_server_timeout', /within 1000 ms/],
  ]

  it('is told of in words, and in an event', async ({ expect }) => {
    const add = ([path]: (typeof FAILURES)[number]) =>
      addServer(path, { tool_execution_timeout: path === '/mute' ? 1 : 20 })
    const servers = await Promise.all(FAILURES.map(add))
    const key = await newKey(servers.map(server => allow(server, ['*'])))
    const answers = await Promise.all(servers.map(({ name }) => execute(key, `${name}-echo`)))
    for (const [index, [path, status, code, words]] of FAILURES.entries()) {
      const { body, ...answer } = answers[index] ?? expect.unreachable()
      expect([path, answer.status, body.error]).toMatchObject([path, status, { code, message: words }])
      // Only where nothing can have been done.
      expect([path, answer.headers.get('x-should-retry')]).toEqual([path, String(path === '/broken')])
      for (const secret of [SECRET, 'do not tell']) expect(JSON.stringify(body)).not.toContain(secret)
    }
    const listed = () => weir.admin.listEvents({ virtual_key_id: key.id })
    const events = await until(listed, list => list.length >= FAILURES.length)
    for (const [index, [path, status]] of FAILURES.entries()) {
      const event = events.find(({ model }) => model === `${servers[index]?.name}-echo`)
      expect([path, event]).toMatchObject([path, { success: false, cost_nano: 0, status }])
    }
  })
})

describe('what is asked of the endpoint itself', () => {
  it.for([
    ['no key', { headers: { authorization: '' } }, 401],
    ['a forged key', { headers: { authorization: 'Bearer sk-bf-forged' } }, 401],
    ['no JSON', { body: '{"id"' }, 400],
    ['no name', { body: '{"function":{}}' }, 400],
    ['arguments that are no object', { body: '{"function":{"name":"a-b","arguments":"[1]"}}' }, 400],
    ['arguments that are no text', { body: '{"function":{"name":"a-b","arguments":{}}}' }, 400],
    ['another format', { query: '?format=xml' }, 400],
    ['too much', { body: `"${'x'.repeat(70_000)}"` }, 413],
  ] as const)('is refused clearly: %s', async ([, asked, status], { expect }) => {
    const { headers = {}, body = '{}', query = '' } = asked as { headers?: object; body?: string; query?: string }
    const key = await newKey([])
    const all = { 'content-type': 'application/json', authorization: `Bearer ${key.value}`, ...headers }
    const url = `${weir.baseUrl}/v1/mcp/tool/execute${query}`
    const answer = await fetch(url, { method: 'POST', headers: all, body })
    expect(answer.status).toBe(status)
    expect((await answer.json()) as object).toMatchObject({ error: { message: /./ }, status_code: status })
  })

  it('is refused where it is to stay in an area, which no MCP server is marked for', async ({ expect }) => {
    const server = await addServer()
    const key = await newKey([allow(server, ['*'])])
    const { status, body } = await execute(key, `${server.name}-echo`, { headers: { 'x-residency': 'eu' } })
    expect([status, body.error.code]).toEqual([403, 'residency_unavailable'])
  })

  it('takes no other method', async ({ expect }) => {
    expect((await fetch(`${weir.baseUrl}/v1/mcp/tool/execute`)).status).toBe(405)
  })
})

describe('the list of tools', () => {
  it.for(['/mcp', '/sse'])('is what the server says that it has, all pages of it: %s', async (path, { expect }) => {
    const server = await addServer(path)
    const refresh = `${MCP}/${server.client_id}/refresh-tools`
    const { tools, tool_count } = await weir.admin.call('POST', refresh, {})
    const listed = TOOLS.map(({ inputSchema: parameters, ...rest }) => ({ ...rest, parameters }))
    expect([tool_count, tools]).toEqual([3, listed])
    const shown = await weir.admin.call('GET', `${MCP}/${server.client_id}`)
    expect(shown).toMatchObject({ state: 'connected', tools: listed })
    expect(JSON.stringify(shown)).not.toContain(SECRET)
  })
})
