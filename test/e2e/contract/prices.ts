import { describe, it } from 'vitest'
import { until } from '../../support/admin.mjs'
import { ask, call, costsOf, make, name, newKey, PRICES, refused, weir } from './server.ts'

const NOBODY = crypto.randomUUID()
const ROW = { scope_kind: 'global', match_type: 'exact', pattern: 'never-used', request_types: ['embedding'] }

describe('pricing overrides, all of them (1.8)', () => {
  it('are listed by each of their ids, and have the contract’s members', async ({ expect }) => {
    const key = await newKey()
    const of = { scope_kind: 'virtual_key_provider', virtual_key_id: key.id, provider_id: 'openai' }
    const row = await make(PRICES, 'pricing_override', { ...ROW, ...of })
    expect(Object.keys(row).sort()).toEqual(
      [
        ...['id', 'name', 'scope_kind', 'virtual_key_id', 'provider_id', 'match_type', 'pattern', 'request_types'],
        ...['pricing_patch', 'patch', 'config_hash', 'created_at', 'updated_at'],
      ].sort(),
    )
    expect(row).toMatchObject({ patch: {}, pricing_patch: '{}', config_hash: '' })
    for (const [query, count] of [
      [`virtual_key_id=${key.id}`, 1],
      [`virtual_key_id=${key.id}&provider_id=OpenAI`, 1],
      [`virtual_key_id=${key.id}&scope_kind=global`, 0],
      [`provider_key_id=${NOBODY}`, 0],
      [`virtual_key_id=${NOBODY}`, 0],
    ] as const)
      expect([query, (await call('GET', `${PRICES}?${query}`)).body.total_count]).toEqual([query, count])
    expect((await call('GET', `${PRICES}/${row.id}`)).body).toEqual({ pricing_override: row })
  })

  it('refuse by PUT what they refuse by POST, and are 404 once they are gone', async ({ expect }) => {
    const row = await make(PRICES, 'pricing_override', ROW)
    const path = `${PRICES}/${row.id}`
    for (const [body, message] of [
      [{ name: '' }, 'name is required'],
      [{ scope_kind: 'team' }, 'unsupported scope_kind "team"'],
      [{ scope_kind: 'provider' }, 'provider_id is required for provider scope_kind'],
      [{ provider_id: 'openai' }, 'global scope_kind must not include scope identifiers'],
      [{ pattern: '' }, 'pattern is required'],
      [{ pattern: 'a*' }, 'exact match pattern must not contain wildcards'],
      [{ match_type: 'wildcard' }, 'wildcard pattern must end with *'],
      [{ match_type: 'regex' }, 'unsupported match_type "regex"'],
      [{ request_types: [] }, 'request_types is required and must contain at least one value'],
      [{ request_types: ['chat'] }, 'unsupported request_type "chat"'],
      [{ patch: { input_cost_per_token: 'x' } }, 'Invalid patch'],
      [{ scope_kind: 'provider_key', provider_key_id: NOBODY }, 'provider_key_id names no key of that provider'],
      [{ scope_kind: 'virtual_key', virtual_key_id: NOBODY }, 'virtual_key_id names no virtual key'],
    ] as const)
      expect([body, await call('PUT', path, body)]).toMatchObject([body, refused(400, message)])
    const nobody = { ...ROW, name: name(), scope_kind: 'provider_key', provider_key_id: NOBODY }
    expect(await call('POST', PRICES, nobody)).toMatchObject(
      refused(400, 'provider_key_id names no key of that provider'),
    )
    expect((await call('DELETE', path)).status).toBe(200)
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, path, body)).toMatchObject(refused(404, 'Pricing override not found'))
    }
  })
})

describe('the pricebook (4)', () => {
  const BOOK = '/v1/pricebook'
  const usd = (value: number) => ({ input_cost_per_token: value, output_cost_per_token: value })

  async function publish(value: number | undefined, effective_from?: string) {
    const entry = value === undefined ? [] : [{ provider: 'openai', model: 'gpt-4o-mini', prices: usd(value) }]
    const { status, body } = await call('POST', BOOK, { entries: entry, ...(effective_from && { effective_from }) })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body.data
  }

  it('is what requests are priced by from its date on, each event naming the version; overrides go before it', async ({
    expect,
  }) => {
    const key = await newKey()
    await ask(key.value)
    const first = await publish(1e-6)
    await ask(key.value)
    const own = { ...ROW, pattern: 'gpt-4o-mini', request_types: ['chat_completion'], scope_kind: 'virtual_key' }
    const body = { ...own, virtual_key_id: key.id, patch: { output_cost_per_token: 5e-6 } }
    const override = await make(PRICES, 'pricing_override', body)
    await ask(key.value)
    await call('DELETE', `${PRICES}/${override.id}`)
    const fromMs = Date.now() + 3000
    const second = await publish(2e-6, new Date(fromMs).toISOString())
    await ask(key.value)
    await until(
      async () => Date.now(),
      now => now > fromMs,
    )
    await ask(key.value)
    await publish(undefined)
    await ask(key.value)
    // An override is of what it names: the rest is the pricebook's.
    expect(await costsOf(key.id, 6)).toEqual([7500, 20_000, 60_000, 20_000, 40_000, 7500])
    const events = (await weir().admin.listEvents({ virtual_key_id: key.id })).toSorted((a, b) =>
      a.id < b.id ? -1 : 1,
    )
    const [list, ...others] = events.map(event => event.pricebook_version)
    const book = (version: { version: string }) => `${list}+${version.version}`
    expect(others).toEqual([book(first), `${book(first)}+override:${override.id}@1`, book(first), book(second), list])
    const { cost_explanation: told } = (await call('GET', `/v1/events/${events[1].id}`)).body
    expect(told).toMatchObject({
      ...{ price_source: `${first.version}:openai/gpt-4o-mini`, pricebook_version: book(first) },
      lines: [{ usd_per_unit: '0.000001' }, { usd_per_unit: '0.000001' }],
    })
    const at = async (ms: number) => {
      const query = new URLSearchParams({ provider: 'openai', model: 'gpt-4o-mini', at: new Date(ms).toISOString() })
      return (await call('GET', `${BOOK}?${query}`)).body.data[0].prices.input.pico_usd
    }
    expect([await at(fromMs - 1), await at(fromMs), await at(Date.now())]).toEqual([1_000_000, 2_000_000, 150_000])
    const past = await call('POST', BOOK, { entries: [], effective_from: new Date(fromMs).toISOString() })
    expect([past.status, past.body.param]).toEqual([400, 'effective_from'])
  })
})
