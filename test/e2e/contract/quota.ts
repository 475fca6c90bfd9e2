import { describe, it } from 'vitest'
import { ask, call, DAILY, newKey, refused, VKS } from './server.ts'

describe('quota (1.9)', () => {
  const MEMBERS = ['virtual_key_name', 'is_active', 'budgets', 'rate_limit', 'provider_configs', 'model_configs']
  const quota = (headers: Record<string, string>) => call('GET', `${VKS}/quota`, undefined, headers)

  it('has exactly six members, for the key in whichever header', async ({ expect }) => {
    const rate_limit = { request_max_limit: 5, request_reset_duration: '1h' }
    const key = await newKey({ budgets: [DAILY], rate_limit })
    await ask(key.value)
    const authorization = `Bearer ${key.value}`
    const others = ['x-bf-vk', 'x-api-key', 'x-goog-api-key'].map(header => ({
      [header]: key.value,
      authorization: '',
    }))
    for (const headers of [{ authorization }, ...others]) {
      const { status, body } = await quota(headers)
      expect([status, Object.keys(body)]).toEqual([200, MEMBERS])
      expect(body).toMatchObject({
        ...{ virtual_key_name: key.name, is_active: true, model_configs: [] },
        budgets: [{ current_usage: 0.0000075, max_limit: 10 }],
        rate_limit: { request_current_usage: 1, request_max_limit: 5 },
        provider_configs: [{ provider: 'openai' }],
      })
    }
    const bare = await quota({ authorization: `Bearer ${(await newKey()).value}` })
    expect(bare.body).toMatchObject({ budgets: [], rate_limit: null })
  })

  it('is for nobody else', async ({ expect }) => {
    const missing =
      'Missing virtual key. Provide it via x-bf-vk header, Authorization Bearer, x-api-key, or x-goog-api-key header.'
    expect(await quota({ authorization: '' })).toMatchObject(refused(401, missing))
    expect(await quota({})).toMatchObject(refused(401, missing))
    const unknown = refused(401, 'Virtual key not found')
    expect(await quota({ 'x-bf-vk': 'x' })).toMatchObject(unknown)
    const key = await newKey()
    await call('POST', `${VKS}/${key.id}/rotate`)
    expect(await quota({ 'x-bf-vk': key.value })).toMatchObject(unknown)
    expect(await quota({ 'x-bf-vk': `${key.value.slice(0, -1)}x` })).toMatchObject(unknown)
  })
})
