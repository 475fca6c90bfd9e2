import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const run = promisify(execFile)
const INTERNAL = 'internal-token-internal-token-internal'

const keys = await generateKeyPair('RS256', { extractable: true })
const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256' }

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>
let server: Server
let idp: string

/** An identity provider on a port of its own: its keys, its discovery document, and an address that leads elsewhere. */
function answerOf(path: string | undefined): [status: number, body: unknown, headers?: Record<string, string>] {
  if (path === '/jwks') return [200, { keys: [jwk] }]
  if (path === '/moved') return [302, {}, { location: `${idp}/jwks` }]
  if (path === '/.well-known/openid-configuration') return [200, { issuer: idp, jwks_uri: `${idp}/jwks` }]
  return [404, {}]
}

beforeAll(async () => {
  upstream = await startUpstream()
  const settings = { WEIR_INTERNAL_TOKEN: INTERNAL, WEIR_INTERNAL_SCOPES: 'limits:read', ALLOW_PRIVATE_UPSTREAMS: 'on' }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: settings })
  server = createServer((request, response) => {
    const [status, body, headers = {}] = answerOf(request.url)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  idp = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server?.close()
  await weir?.dispose()
  await upstream?.stop()
})

async function call(
  method: string,
  path: string,
  { token = weir.adminKey, body }: { token?: string; body?: unknown } = {},
) {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${weir.baseUrl}${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  return { status: answer.status, body: (await answer.json()) as any }
}

async function vouchFor(audience: string) {
  const claims = { email: `${crypto.randomUUID()}@acme.com`, groups: ['admins'] }
  const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k1' }).setIssuer(idp).setAudience(audience)
  return token.setIssuedAt().setExpirationTime('5m').sign(keys.privateKey)
}

describe('a running server', () => {
  it('lets in whom a provider vouches for, whose keys it reads over the network', async ({ expect }) => {
    const mapping = { role_claim: 'groups', role_mapping: { admins: 'admin' }, jit_provisioning: true }
    const add = (audience: string, jwks_uri?: string) =>
      call('POST', '/v1/identity/sso', { body: { name: 'idp', issuer: idp, audience, jwks_uri, ...mapping } })
    expect((await add('discovered')).status).toBe(201)
    expect((await add('moved', `${idp}/moved`)).status).toBe(201)
    const token = await vouchFor('discovered')
    const { status, body } = await call('GET', '/v1/me', { token })
    expect([status, body.principal.kind, body.principal.role]).toEqual([200, 'user', 'admin'])
    expect(
      (await call('POST', '/v1/limits', { token, body: { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' } }))
        .status,
    ).toBe(201)
    expect((await call('GET', '/v1/me', { token: await vouchFor('moved') })).status).toBe(503)
    expect((await call('GET', '/v1/me', { token: await vouchFor('other') })).status).toBe(401)
    expect(weir.output()).not.toContain(token.split('.')[2])
  })

  it('does what the lines of docs/sign-in.md say', async ({ expect }) => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/sign-in.md'), 'utf8')
    const blocks = [...docs.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
    const tenant: string = (await call('GET', '/v1/me')).body.tenant_id
    const variables = { WEIR_BASE_URL: weir.baseUrl, WEIR_ADMIN_KEY: weir.adminKey, WEIR_TENANT: tenant }
    const who = { WEIR_INTERNAL_TOKEN: INTERNAL, WEIR_EMAIL: 'nobody@acme.com', WEIR_PASSWORD: 'x' }
    const answers: Record<string, unknown>[] = []
    for (const block of blocks) {
      const { stdout } = await run('bash', ['-ec', block], { env: { ...process.env, ...variables, ...who } })
      answers.push(JSON.parse(stdout))
    }
    const list = { data: expect.any(Array), pagination: expect.any(Object) }
    const expected = [
      { tenant_id: tenant, principal: { kind: 'admin_key' } },
      // Nobody of that name has signed up: the line is understood, and refused.
      { code: 'sign_in_refused' },
      { data: { issuer: 'https://login.acme.com', jit_provisioning: true } },
      list,
      { ...list, pagination: { limit: 5 } },
      list,
    ]
    expect(answers.length).toBe(expected.length)
    expect(answers).toMatchObject(expected)
  })
})
