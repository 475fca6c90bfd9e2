import { env, exports } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { fakeControl, KEYS, newTenant, send } from './fake-ports.ts'

const APP = 'https://app.example'

async function withOrigins(origins: string[]) {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const update = env.DB.prepare('UPDATE tenant SET allowed_origins = ?2 WHERE id = ?1')
  await update.bind(tenant.tenantId, JSON.stringify(origins)).run()
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

describe('every answer', () => {
  it.for(['/health', '/docs', '/openapi.json', '/v1/limits', '/api/governance/teams', '/v1/models', '/nowhere'])(
    'tells browsers not to guess, frame, downgrade or refer: %s',
    async (path, { expect }) => {
      const { headers } = await exports.default.fetch(`http://weir.test${path}`)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('strict-transport-security')).toMatch(/^max-age=31536000/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/)
    },
  )
})
