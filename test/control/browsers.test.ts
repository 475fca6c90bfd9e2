import { exports } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { apiDocument } from '../../workers/api-document.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { fakeControl, KEYS, newTenant, send } from './fake-ports.ts'

const APP = 'https://app.example'

async function withOrigins(origins: string[]) {
  const control = fakeControl()
  const tenant = await newTenant(control)
  await tenant.call('PATCH', '/v1/tenant', { settings: { allowed_origins: origins } })
  const read = async (origin: string) => {
    const { headers } = await tenant.call('GET', KEYS, undefined, { origin })
    return [headers.get('access-control-allow-origin'), headers.get('vary')]
  }
  return { control, ...tenant, read }
}

describe('a page of another origin', () => {
  it('may read what it gets where both the deployment and the tenant let it', async ({ expect }) => {
    const { read } = await withOrigins([APP, 'https://unlisted.example'])
    expect(await read(APP)).toEqual([APP, 'Origin'])
    expect(await read('https://other.example')).toEqual([null, 'Origin'])
    expect(await read('https://unlisted.example')).toEqual([null, 'Origin'])
    expect(await read('null')).toEqual([null, 'Origin'])
  })

  it('may read nothing of a tenant that has said nothing', async ({ expect }) => {
    const control = fakeControl()
    const tenant = await newTenant(control)
    const { headers, status } = await tenant.call('GET', KEYS, undefined, { origin: APP })
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, null])
  })

  it('hears that its credential is wrong, and never that cookies may be sent', async ({ expect }) => {
    const { control } = await withOrigins([APP])
    const answer = await send(control, 'wrong', ['GET', KEYS, undefined, { origin: APP }])
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([401, APP])
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('is told before it calls, on every route, by the list of the deployment', async ({ expect }) => {
    const { control } = await withOrigins([])
    for (const { path } of CONTROL_ROUTES) {
      const ask = (origin: string) =>
        control.app.request(path.replace(':', ''), { method: 'OPTIONS', headers: { origin } })
      const [known, unknown] = [await ask(APP), await ask('https://evil.example')]
      expect([known.status, known.headers.get('access-control-allow-origin')]).toEqual([204, APP])
      expect(known.headers.get('access-control-allow-headers')).toContain('if-match')
      expect([unknown.status, unknown.headers.get('access-control-allow-origin')]).toEqual([204, null])
    }
  })
})

type Route = { method: string; path: string; hasBody: boolean }

/** Every route of the OpenAPI document, with a word for each part of its path that is one. */
const ROUTES = Object.entries(apiDocument().paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): Route => {
    const hasBody = (operation as { requestBody?: unknown }).requestBody !== undefined
    return { method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, 'x'), hasBody }
  }),
)

describe('every answer', () => {
  const strangers: Route[] = ['/health', '/nowhere', '/v1/nowhere', '/api/nowhere'].map(path => {
    return { method: 'GET', path, hasBody: false }
  })

  it.for([...ROUTES, ...strangers])(
    'tells browsers not to guess, frame, downgrade or refer, and has a request id: $method $path',
    async ({ method, path }, { expect }) => {
      const { headers, status } = await exports.default.fetch(`http://weir.test${path}`, { method })
      expect(status).toBeLessThan(500)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
      expect(headers.get('x-request-id')).toMatch(/./)
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('set-cookie')).toBeNull()
    },
  )
})

// A password is changed by a user alone, whom an admin key is not.
const WITH_BODY = CONTROL_ROUTES.filter(route => route.body && route.operationId !== 'changePassword')

describe('a body', () => {
  it.for(WITH_BODY)(
    'that is longer than the deployment reads is refused, before it is parsed: $method $path',
    async ({ method, path, access }, { expect }) => {
      const control = fakeControl({ maxBodyBytes: 2000 })
      const { adminKey } = await newTenant(control)
      const key = access === 'setup_token' ? 'setup-token' : adminKey
      const sent = async (bytes: number) =>
        (await send(control, key, [method, path.replaceAll(/:\w+/g, 'openai'), '{'.repeat(bytes)])).status
      expect([await sent(2001), await sent(2000)]).toEqual([413, expect.toSatisfy(status => status !== 413)])
    },
  )
})
