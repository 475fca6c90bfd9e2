import { exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { apiDocument } from '../../workers/api-document.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { GATEWAY_ROUTES } from '../../workers/gateway/routes.ts'
import { WIRE_PATHS } from '../../workers/gateway/wires/wire-at.ts'
import { templateOf } from '../../workers/openapi/operation-of.ts'
import { ABOUT_ROUTES } from '../../workers/openapi/routes.ts'
import { type Answer, type Call, fakeControl, send } from '../control/fake-ports.ts'
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

/** A request of a route that is answered as asked for, who sends it, and what of it strangers send. */
function goodRequest(operationId: string, tenant: Awaited<ReturnType<typeof inhabitedTenant>>) {
  const [sample] = SAMPLES[operationId] ?? []
  const signIn = PUBLIC_SAMPLES[operationId]
  const call: Call = sample?.(tenant.ids) ?? signIn?.(tenant.member) ?? ['', '']
  const sender = SENDERS[operationId] ?? tenant.adminKey
  const best: string = operationId === 'changePassword' ? tenant.member.accessToken : sender
  // Whoever they are, a token that is used up by them is gone.
  return { call, best, asked: signIn && call[2] ? {} : call[2] }
}

describe('the OpenAPI document', () => {
  it('has every route of every plane, each once', ({ expect }) => {
    const routes = [...CONTROL_ROUTES, ...GATEWAY_ROUTES, ...ABOUT_ROUTES]
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    expect(listed.sort()).toEqual(routes.map(({ method, path }) => `${method} ${templateOf(path)}`).sort())
  })

  it('has every wire of the data plane', ({ expect }) => {
    const paths = GATEWAY_ROUTES.map(route => templateOf(route.path))
    expect(paths).toEqual(expect.arrayContaining(WIRE_PATHS.map(templateOf)))
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

  it.for(CONTROL_ROUTES)(
    'says all that is answered, to good requests and bad ones: $operationId',
    async (route, { expect }) => {
      const operation = operationOf(route.operationId)
      const control = fakeControl()
      const tenant = await inhabitedTenant(control)
      const { best, asked, call: sample } = goodRequest(route.operationId, tenant)
      const [method, path, good] = sample
      const [bare = ''] = path.split('?')
      const calls: Call[] =
        method === 'GET'
          ? [[method, path], ...queriesFor(operation, 7).map((query): Call => [method, bare + query])]
          : [...bodiesFor(operation, 7).map((body): Call => [method, path, body]), [method, path, good]]
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
