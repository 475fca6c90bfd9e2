import { describe, it } from 'vitest'
import { call, MODELS, name, PRICES, refused, VKS } from './server.ts'

describe('what all of /api has in common (1.0)', () => {
  it('ends every body with a newline, and is JSON also where there is nothing', async ({ expect }) => {
    for (const path of [VKS, `${VKS}/none`, '/api/nowhere', '/api/mcp/clients']) {
      const { text, headers } = await call('GET', path)
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      expect(text.endsWith('}\n')).toBe(true)
    }
    const nowhere = await call('GET', '/api/governance/nowhere')
    expect(nowhere).toMatchObject(refused(404, 'There is no GET /api/governance/nowhere.'))
  })

  it('refuses a caller that is not known', async ({ expect }) => {
    const { status, body } = await call('GET', VKS, undefined, { authorization: 'Bearer x' })
    expect([status, body.is_bifrost_error, body.status_code]).toEqual([401, false, 401])
  })

  it.for([VKS, '/api/governance/teams', '/api/governance/customers', MODELS])(
    'refuses a body that is no JSON, and one of other types: %s',
    async (path, { expect }) => {
      for (const body of ['{', { name: 5, model_name: 5 }]) {
        expect(await call('POST', path, body)).toMatchObject(refused(400, 'Invalid JSON'))
      }
    },
  )

  it.for([VKS, MODELS, PRICES])('says what is wrong with a page: %s', async (path, { expect }) => {
    for (const parameter of ['limit', 'offset']) {
      const answers = [await call('GET', `${path}?${parameter}=x`), await call('GET', `${path}?${parameter}=-1`)]
      expect(answers[0]).toMatchObject(refused(400, `Invalid ${parameter} parameter: must be a number`))
      expect(answers[1]).toMatchObject(refused(400, `Invalid ${parameter} parameter: must be non-negative`))
    }
  })

  it.for([
    [VKS, 'virtual_keys'],
    ['/api/governance/teams', 'teams'],
    ['/api/governance/customers', 'customers'],
    [MODELS, 'model_configs'],
    [PRICES, 'pricing_overrides'],
  ])('has one list envelope, with Bifrost’s defaults and clamps: %s', async ([path, member], { expect }) => {
    const all = (await call('GET', path ?? '')).body
    expect(Object.keys(all).sort()).toEqual([member, 'count', 'total_count', 'limit', 'offset'].sort())
    expect(all).toMatchObject({ count: all[member ?? ''].length, limit: all.total_count, offset: 0 })
    expect((await call('GET', `${path}?limit=0`)).body).toMatchObject({ limit: 25 })
    expect((await call('GET', `${path}?limit=101&offset=1`)).body).toMatchObject({ limit: 100, offset: 1 })
  })

  it('takes names of fields in any case, and passes over those it does not know', async ({ expect }) => {
    const { body } = await call('POST', VKS, { Name: name(), nobody_knows: { a: 1 } })
    expect(body.message).toBe('Virtual key created successfully')
  })
})
