import { describe, it } from 'vitest'
import { type Fetch, httpProvider, ownKey } from '../../workers/providers/http/http-provider.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { VENDORS, type Vendor } from '../../workers/providers/vendors.ts'
import { chatOf } from '../support/chat-of.ts'

const VENDOR: Vendor = {
  name: 'acme',
  formats: ['openai-chat'],
  baseUrl: 'https://api.acme.test/v1',
  keyVar: 'ACME_API_KEY',
  baseUrlVar: 'ACME_BASE_URL',
  outputCapField: 'max_tokens',
  pricebook: 'acme-inc',
}

/** A `fetch` that answers 307 and keeps what it was asked. */
function recorder() {
  const asked: { url: string; init: RequestInit }[] = []
  const answer = new Response(null, { status: 307, headers: { location: 'https://elsewhere.test/' } })
  const fetch = async (url: string, init: RequestInit) => {
    asked.push({ url, init })
    return answer
  }
  return { asked, answer, fetch }
}

function account(baseUrl: string, secret: string, fetch: Fetch) {
  return httpProvider({ name: VENDOR.name, vendor: VENDOR, keys: [ownKey({ baseUrl, secret, settings: {} })], fetch })
}

describe('a vendor over HTTP', () => {
  it('is sent the body with its own key, and nothing else', async ({ expect }) => {
    const { asked, answer, fetch } = recorder()
    const provider = account('https://proxy.test/v1/', 'sk-1', fetch)
    const { signal } = new AbortController()
    const response = await chatOf(provider).call({ model: 'm', body: '{"model":"m"}', isStream: true, signal })
    expect(response).toBe(answer)
    expect(asked).toEqual([
      {
        url: 'https://proxy.test/v1/chat/completions',
        init: {
          method: 'POST',
          headers: { authorization: 'Bearer sk-1', 'content-type': 'application/json', accept: 'text/event-stream' },
          body: '{"model":"m"}',
          signal,
          redirect: 'manual',
        },
      },
    ])
  })

  it('may be called without a signal', async ({ expect }) => {
    const { asked, fetch } = recorder()
    const provider = account(VENDOR.baseUrl, 'sk-1', fetch)
    await chatOf(provider).call({ model: 'm', body: '{}', isStream: false })
    expect(asked[0]?.init).toMatchObject({ signal: null, headers: { accept: 'application/json' } })
  })

  it('speaks its row of the table', ({ expect }) => {
    const provider = account(VENDOR.baseUrl, 'k', recorder().fetch)
    expect(provider).toMatchObject({ name: 'acme', pricebook: 'acme-inc' })
    const set = { model: 'm', isStream: false, maxOutputTokens: 5 }
    expect(chatOf(provider).dialect.prepare({}, set)).toBe('{"model":"m","max_tokens":5}')
  })
})

describe('the configured providers', () => {
  const { fetch } = recorder()

  it('are those whose key is set', ({ expect }) => {
    const names = (mock: boolean, secrets: Record<string, string | undefined>) => [
      ...configuredProviders({ mock, secrets }, fetch).keys(),
    ]
    expect(names(false, {})).toEqual([])
    expect(names(false, { OPENAI_API_KEY: ' \n' })).toEqual([])
    expect(names(true, {})).toEqual(['mock'])
    expect(names(true, { OPENAI_API_KEY: 'sk' })).toEqual(['openai', 'mock'])
  })

  it.for([
    { baseUrl: undefined, url: 'https://api.openai.com/v1/chat/completions' },
    { baseUrl: '', url: 'https://api.openai.com/v1/chat/completions' },
    { baseUrl: 'http://127.0.0.1:9/v1/', url: 'http://127.0.0.1:9/v1/chat/completions' },
  ])('are found at $url where OPENAI_BASE_URL is $baseUrl', async ({ baseUrl, url }, { expect }) => {
    const { asked, fetch } = recorder()
    const secrets = { OPENAI_API_KEY: 'sk-1\n', OPENAI_BASE_URL: baseUrl }
    const openai = configuredProviders({ mock: false, secrets }, fetch).get('openai')
    await chatOf(openai).call({ model: 'm', body: '{}', isStream: false })
    expect(asked).toMatchObject([{ url, init: { headers: { authorization: 'Bearer sk-1' } } }])
  })

  it('each have a name of their own, and settings that no other vendor reads, but for two of one account', ({
    expect,
  }) => {
    expect(new Set(VENDORS.map(({ name }) => name)).size).toBe(VENDORS.length)
    const accounts = new Map(VENDORS.map(({ keyVar, baseUrlVar }) => [keyVar, baseUrlVar]))
    const variables = [...accounts].flat()
    expect(new Set(variables).size).toBe(variables.length)
    const shared = VENDORS.filter(one => VENDORS.some(({ name, keyVar }) => keyVar === one.keyVar && name !== one.name))
    expect(shared.map(({ name }) => name)).toEqual(['vertex', 'vertex-anthropic'])
  })
})
