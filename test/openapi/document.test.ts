import { env, exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { apiDocument } from '../../workers/api-document.ts'
import { buildApp } from '../../workers/app.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { ERRORS } from '../../workers/errors/catalogue.ts'
import { GATEWAY_ROUTES } from '../../workers/gateway/routes.ts'
import { templateOf } from '../../workers/openapi/operation-of.ts'
import { ABOUT_ROUTES } from '../../workers/openapi/routes.ts'
import { type Answer, type Call, type Control, fakeControl, KEYS, newTenant, send } from '../control/fake-ports.ts'
import { inhabitedTenant, PUBLIC_SAMPLES, SAMPLES } from '../control/route-samples.ts'
import { type Defs, flawsOf, type Schema, strayValuesOf, valuesOf } from '../support/json-schema.ts'

type Content = Record<string, { schema: Schema }>
type Described = {
  requestBody?: { content: Content }
  responses: Record<string, { content?: Content }>
  parameters: { name: string; in: string; schema: Schema }[]
}

const document = apiDocument()
const defs = document.components.schemas as Defs

/** Who may send a good request of these; all others are sent by an admin key. */
const SENDERS: Record<string, string> = Object.fromEntries(
  CONTROL_ROUTES.filter(route => route.access === 'setup_token').map(route => [route.operationId, 'setup-token']),
)

function operationOf(operationId: string): Described {
  const all = Object.values(document.paths).flatMap(methods => Object.values(methods))
  return all.find(one => one.operationId === operationId) as unknown as Described
}

/** What an answer has that the document does not say. */
function dishonesty(answer: Answer, { responses }: Described): string[] {
  const declared = responses[answer.status]
  if (!declared) return [`${answer.status} is not declared: ${JSON.stringify(answer.body)}`]
  if (!declared.content) return answer.body === undefined ? [] : ['has a body that is not declared']
  const type = answer.headers.get('content-type') ?? ''
  const content = declared.content[type]
  if (!content) return [`${answer.status} is ${type}, which is not declared`]
  return flawsOf(answer.body, content.schema, { defs })
}

/** Twelve bodies by the schema, and twelve that are not. */
function bodiesFor({ requestBody }: Described, seed: number): unknown[] {
  const schema = requestBody?.content['application/json']?.schema
  if (!schema) return [undefined, '{', []]
  const some = (values: fc.Arbitrary<unknown>) => fc.sample(values, { seed, numRuns: 12 })
  return [...some(valuesOf(schema)), ...some(strayValuesOf(schema)), undefined, '', '{', '[]', 'null', '"x"']
}

function queriesFor({ parameters }: Described, seed: number): string[] {
  const names = parameters.filter(one => one.in === 'query').map(one => one.name)
  if (names.length === 0) return ['', '?unknown=1']
  const values = fc.oneof(fc.string(), fc.constantFrom('1', '1000', '1001', '-1', '2026-01-01', 'true', 'day', '{}'))
  const queries = fc.dictionary(fc.constantFrom(...names), values)
  return ['', ...fc.sample(queries, { seed, numRuns: 25 }).map(query => `?${new URLSearchParams(query)}`)]
}

async function openTenant() {
  const control = fakeControl()
  return { control, tenant: await inhabitedTenant(control) }
}
let read: ReturnType<typeof openTenant> | undefined

// Those that only ask may ask the same one.
function tenantFor(method: string): ReturnType<typeof openTenant> {
  if (method !== 'GET') return openTenant()
  read ??= openTenant()
  return read
}

/** Requests of a route that are answered as asked for, who sends them, and what strangers send. */
function goodRequest(operationId: string, tenant: Awaited<ReturnType<typeof inhabitedTenant>>) {
  const signIn = PUBLIC_SAMPLES[operationId]
  const own = (SAMPLES[operationId] ?? []).map(sample => sample(tenant.ids))
  const samples: Call[] = signIn ? [signIn(tenant.member)] : own
  const sender = SENDERS[operationId] ?? tenant.adminKey
  const others: Record<string, string> = { changePassword: tenant.member.accessToken }
  for (const asked of ['getQuota', 'getKeyUsage', 'listKeyEvents', 'getKeyEvent']) others[asked] = tenant.virtualKey
  const best = others[operationId] ?? sender
  // Whoever they are, a token that is used up by them is gone.
  return { samples, best, asked: signIn && samples[0]?.[2] ? {} : samples[0]?.[2] }
}

/** The Worker itself, with its own keys and objects, to be asked like the management API over faked ports. */
function wholeWorker(): Control {
  const request = (path: string, init: RequestInit) => exports.default.fetch(`http://weir.test${path}`, init)
  return { app: { request } } as unknown as Control
}

const HELLO = { model: 'mock/echo', messages: [{ role: 'user', content: 'hello' }], max_tokens: 5 }

/** What a data-plane answer has that the document does not say of Weir's own. */
function dataPlaneFlaws({ status, headers, body }: Answer, { responses }: Described): string[] {
  if (!responses[status]) return [`${status} is not declared: ${JSON.stringify(body)}`]
  if (status < 300) return []
  const isJson = headers.get('content-type')?.startsWith('application/json')
  return isJson && body?.error ? [] : [`${status} is no error in JSON: ${JSON.stringify(body)}`]
}

describe('the OpenAPI document', () => {
  it('has every route of every plane, each once', ({ expect }) => {
    const routes = [...CONTROL_ROUTES, ...GATEWAY_ROUTES, ...ABOUT_ROUTES]
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method} ${templateOf(path)}`).sort())
  })

  it('has every route that the Worker serves, and no other', ({ expect }) => {
    // What is caught whatever its method is a refusal, and a preflight has no operation.
    const served = buildApp(env).routes.filter(({ method }) => !['ALL', 'OPTIONS'].includes(method))
    const named = served.map(({ method, path }) => `${method} ${templateOf(path)}`)
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    // Two routes of one path name its parameter as they like.
    const bare = (names: string[]) => [...new Set(names.map(name => name.replaceAll(/\{\w+\}/g, '{}')))].sort()
    expect(bare(named)).toEqual(bare(listed))
  })

  it('is served to anyone, and as a page that loads and runs nothing', async ({ expect }) => {
    const served = await exports.default.fetch('http://weir.test/openapi.json')
    expect(await served.json()).toEqual(JSON.parse(JSON.stringify(document)))
    const page = await exports.default.fetch('http://weir.test/docs')
    const text = await page.text()
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(text).not.toMatch(/<script|<link|<img|src=|https?:\/\/(?!json-schema)/)
    for (const { operationId } of CONTROL_ROUTES) expect(text).toContain(`id="${operationId}"`)
  })

  it('has on its page each field of a body with its type and bounds, and no JSON', async ({ expect }) => {
    const text = await (await exports.default.fetch('http://weir.test/docs')).text()
    const [, setUp = ''] = text.split('id="setUp"')
    expect(setUp).toMatch(/<code>tenant_name<\/code><\/td><td>string<\/td><td>required; minLength 1, maxLength \d+/)
    expect(setUp).toMatch(/<summary>fields<\/summary><table>/)
    expect(text).not.toContain('&quot;properties&quot;')
  })

  it('has a page of all errors, each where its problem points', async ({ expect }) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const refused = await exports.default.fetch('http://weir.test/v1/limits', { headers: { traceparent } })
    const problem = await refused.json<{ type: string; trace_id: string; timestamp: string }>()
    expect(flawsOf(problem, defs.Problem ?? {}, { defs })).toEqual([])
    expect(problem.trace_id).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(Math.abs(Date.parse(problem.timestamp) - Date.now())).toBeLessThan(60_000)
    const page = await exports.default.fetch(new URL(problem.type, 'http://weir.test'))
    const text = await page.text()
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringMatching(/^default-src 'none'/),
    ])
    for (const code of Object.keys(ERRORS)) expect(text).toContain(`<h2 id="${code}">`)
    expect(new URL(problem.type, 'http://weir.test').hash).toBe('#key_missing')
  })

  it.for(['', '00-0af7651916cd43dd8448eb211c80319c', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, 'ff-x'])(
    'gives a request that names no trace one of its own: %j',
    async (traceparent, { expect }) => {
      const ask = () => exports.default.fetch('http://weir.test/v1/limits', { headers: { traceparent } })
      const problems = await Promise.all([ask(), ask()].map(async one => (await one).json<{ trace_id: string }>()))
      const ids = problems.map(problem => problem.trace_id)
      expect(new Set(ids).size).toBe(2)
      for (const id of ids) expect(id).toMatch(/^(?!0af7|0000)[0-9a-f]{32}$/)
    },
  )

  it.for(CONTROL_ROUTES)(
    'says all that is answered, to good requests and bad ones: $operationId',
    async (route, { expect }) => {
      const operation = operationOf(route.operationId)
      const { control, tenant } = await tenantFor(route.method)
      const { samples, best, asked } = goodRequest(route.operationId, tenant)
      const [method, path, good] = samples[0] ?? ['', '']
      const [bare = ''] = path.split('?')
      const calls: Call[] =
        method === 'GET'
          ? [...samples, ...queriesFor(operation, 7).map((query): Call => [method, bare + query])]
          : [...bodiesFor(operation, 7).map((body): Call => [method, path, body]), ...samples]
      const strangers: [string | undefined, Call][] = [undefined, 'x', tenant.virtualKey].map(key => [
        key,
        [method, path, asked],
      ])
      const at = route.path.split('/').findIndex(part => part.startsWith(':'))
      const byId: Call[] = at < 0 ? [] : [[method, bare.split('/').with(at, 'unknown').join('/'), good]]
      let seen = 0
      for (const [key, call] of [...strangers, ...[...calls, ...byId].map((one): [string, Call] => [best, one])]) {
        const answer = await send(control, key, call)
        expect([call, dishonesty(answer, operation)]).toEqual([call, []])
        if (answer.status < 300) seen += 1
      }
      // Otherwise nothing was learned of the shape of a good answer.
      expect(seen).toBeGreaterThan(0)
    },
  )

  it('says all that setup answers', async ({ expect }) => {
    const operation = operationOf('setUp')
    const statuses: number[] = []
    for (const key of [undefined, 'x', 'setup-token']) {
      for (const body of [{ tenant_name: crypto.randomUUID() }, { tenant_name: 'again' }, ...bodiesFor(operation, 7)]) {
        const answer = await send(fakeControl(), key, ['POST', '/v1/setup', body])
        expect([key, body, dishonesty(answer, operation)]).toEqual([key, body, []])
        statuses.push(answer.status)
      }
    }
    const closed = await send(fakeControl({ setupToken: undefined }), 'x', ['POST', '/v1/setup', {}])
    expect([closed.status, dishonesty(closed, operation)]).toEqual([404, []])
    expect([...new Set(statuses)].sort()).toEqual(expect.arrayContaining([200, 201, 400, 401]))
  })

  it('says every refusal of the data plane', { timeout: 60_000 }, async ({ expect }) => {
    const worker = wholeWorker()
    const { call, adminKey } = await newTenant(worker, 'test-setup-token')
    const provider_configs = [{ provider: 'mock', allowed_models: ['*'], key_ids: ['*'] }]
    const made = await call('POST', KEYS, { name: 'k', provider_configs })
    const keys = [undefined, 'x', adminKey, made.body.virtual_key.value]
    const seen = new Map<string, Set<number>>()
    for (const { method, path, operationId } of GATEWAY_ROUTES) {
      const operation = operationOf(operationId)
      const bodies =
        method === 'POST'
          ? [
              HELLO,
              { ...HELLO, model: 'openai/gpt-4o-mini' },
              { model: 'nonesuch/x', input: 'x' },
              ...bodiesFor(operation, 7),
            ]
          : [undefined]
      const calls = bodies.map((body): Call => [method, path.replace(/:\w+/, 'unknown'), body])
      for (const [key, one] of keys.flatMap(key => calls.map((one): [string | undefined, Call] => [key, one]))) {
        const answer = await send(worker, key, one)
        expect([one, dataPlaneFlaws(answer, operation)]).toEqual([one, []])
        seen.set(operationId, (seen.get(operationId) ?? new Set()).add(answer.status))
      }
    }
    expect([...(seen.get('createChatCompletion') ?? [])].sort()).toEqual([200, 400, 401, 403, 404])
    expect([...(seen.get('listFiles') ?? [])].sort()).toEqual([401, 501])
  })

  it('is found out where an answer is not as it says', ({ expect }) => {
    const operation = operationOf('listLimits')
    const headers = new Headers({ 'content-type': 'application/json' })
    const page = { total: 0, limit: 1, offset: 0, has_more: false }
    expect(dishonesty({ status: 200, headers, body: { data: [], pagination: page } }, operation)).toEqual([])
    expect(dishonesty({ status: 200, headers, body: { data: [], pagination: page, more: 1 } }, operation)).not.toEqual(
      [],
    )
    expect(dishonesty({ status: 200, headers, body: { data: [{}], pagination: page } }, operation)).not.toEqual([])
    expect(dishonesty({ status: 418, headers, body: {} }, operation)).not.toEqual([])
  })
})
