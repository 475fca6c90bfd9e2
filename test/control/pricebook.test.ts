import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { PRICEBOOK_VERSION } from '../../workers/core/pricing/index.ts'
import { KEYS, NOW, openTenant } from './fake-ports.ts'

const BOOK = '/v1/pricebook'
const DAY = 86_400_000
const iso = (ms: number) => new Date(ms).toISOString()
const MINI = { provider: 'openai', model: 'gpt-4o-mini', prices: { input_cost_per_token: 2e-7 } }
const LIST = { input: { pico_usd: 150_000, usd: '0.00000015' }, output: { pico_usd: 600_000, usd: '0.0000006' } }

async function open() {
  let nowMs = NOW
  const tenant = await openTenant({ nowMs: () => nowMs })
  const post = (body: unknown) => tenant.call('POST', BOOK, body)
  const publish = async (entries: unknown[], fromMs?: number) => {
    const { status, body } = await post({ entries, ...(fromMs !== undefined && { effective_from: iso(fromMs) }) })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body.data
  }
  const prices = async (query: Record<string, string> = {}) =>
    (await tenant.call('GET', `${BOOK}?${new URLSearchParams({ provider: 'openai', model: 'gpt-4o-mini', ...query })}`))
      .body
  return { ...tenant, post, publish, prices, passTo: (ms: number) => (nowMs = ms) }
}

describe('the pricebook', () => {
  it('is the price lists where the tenant says nothing, each model at each provider, in exact pico-dollars', async ({
    expect,
  }) => {
    const { call, prices } = await open()
    const { data, pagination, version, at } = await prices()
    expect([pagination, version, at]).toEqual([{ total: 1, limit: 100, offset: 0, has_more: false }, null, iso(NOW)])
    expect(data[0]).toMatchObject({
      ...{ provider: 'openai', model: 'gpt-4o-mini', priced_model: 'openai/gpt-4o-mini', source: 'pricebook' },
      ...{ pricebook_version: PRICEBOOK_VERSION, prices: LIST, tiers: [] },
      service_tiers: { batch: { prices: { input: { pico_usd: 75_000 } } } },
    })
    expect(data[0].request_types).toContain('chat_completion')
    const all = (await call('GET', `${BOOK}?limit=1000`)).body
    expect(new Set(all.data.map((row: { provider: string }) => row.provider))).toEqual(
      new Set(['Mock', 'anthropic', 'openai']),
    )
    const page = (await call('GET', `${BOOK}?limit=7&offset=${all.pagination.total - 3}`)).body
    expect(page).toMatchObject({
      data: all.data.slice(-3),
      pagination: { total: all.pagination.total, has_more: false },
    })
    // A dated name is the model that the lists mean by it.
    expect((await prices({ model: 'gpt-4o-mini-2024-07-18' })).data).toMatchObject([
      { model: 'gpt-4o-mini-2024-07-18', priced_model: 'openai/gpt-4o-mini' },
    ])
    expect((await prices({ model: 'nobody-has-this' })).data).toEqual([])
  })

  it('has versions: each is in force from its date on until the next is, and is in every key’s snapshot', async ({
    expect,
  }) => {
    const { make, publish, prices, call, latest, passTo } = await open()
    const key = await make(KEYS, { name: 'k' })
    const first = await publish([MINI])
    const later = await publish([{ ...MINI, prices: { input_cost_per_token: 3e-7 } }], NOW + 10 * DAY)
    const cleared = await publish([], NOW + 20 * DAY)
    expect(first).toEqual({
      ...{ id: expect.any(String), number: 1, version: 'pricebook@1', note: '', effective_from: iso(NOW) },
      entries: [{ ...MINI, match_type: 'exact', request_types: null }],
      created_at: iso(NOW),
    })
    const inputAt = async (ms: number) => {
      const { data, version } = await prices({ at: iso(ms) })
      return [data[0].prices.input.pico_usd, data[0].pricebook_version, data[0].source, version]
    }
    const own = (number: number) => [
      `${PRICEBOOK_VERSION}+pricebook@${number}`,
      `pricebook@${number}`,
      `pricebook@${number}`,
    ]
    const list = [150_000, PRICEBOOK_VERSION, 'pricebook']
    expect(await inputAt(NOW - 1)).toEqual([...list, null])
    expect(await inputAt(NOW)).toEqual([200_000, ...own(1)])
    expect(await inputAt(NOW + 10 * DAY - 1)).toEqual([200_000, ...own(1)])
    expect(await inputAt(NOW + 10 * DAY)).toEqual([300_000, ...own(2)])
    expect(await inputAt(NOW + 20 * DAY)).toEqual([...list, 'pricebook@3'])
    passTo(NOW + 11 * DAY)
    expect((await prices()).version).toBe('pricebook@2')
    const shown = (await call('GET', `${BOOK}/versions?limit=2`)).body
    expect(shown).toEqual({ data: [cleared, later], pagination: { total: 3, limit: 2, offset: 0, has_more: true } })
    expect((await call('GET', `${BOOK}/versions/${first.id}`)).body).toEqual({ data: first })
    expect(latest(key.id)?.pricebook).toEqual([
      {
        ...{ number: 1, fromMs: NOW },
        entries: [
          {
            ...{ provider: 'openai', pattern: 'gpt-4o-mini', matchType: 'exact', requestTypes: null },
            rates: { base: { input: 200_000 }, tiers: [], serviceTiers: {} },
          },
        ],
      },
      { number: 2, fromMs: NOW + 10 * DAY, entries: [expect.anything()] },
      { number: 3, fromMs: NOW + 20 * DAY, entries: [] },
    ])
  })

  it('is never changed backwards: a version begins now or later', async ({ expect }) => {
    const { post, publish, prices, passTo } = await open()
    const answer = await post({ entries: [MINI], effective_from: iso(NOW - 1) })
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid', param: 'effective_from' } })
    expect(answer.body.detail).toContain('never applied backwards')
    await publish([MINI], NOW)
    passTo(NOW + DAY)
    await publish([], NOW + DAY)
    expect((await prices({ at: iso(NOW) })).data[0].prices.input.pico_usd).toBe(200_000)
  })

  it('says what costs differ by the kind of request, and what only the tenant has a price of', async ({ expect }) => {
    const { publish, prices, call } = await open()
    const everything = { input_cost_per_token: 0, output_cost_per_token: 1e-12 }
    await publish([
      { ...MINI, request_types: ['responses'] },
      { model: 'gpt-4o*', match_type: 'wildcard', prices: { output_cost_per_token: 9e-7 } },
      { provider: 'OpenAI', model: 'of-my-own', prices: everything },
    ])
    const { data } = await prices()
    const told = data.map((row: { prices: typeof LIST; request_types: string[] }) => [
      row.prices.input.pico_usd,
      row.prices.output.pico_usd,
      row.request_types.includes('responses'),
    ])
    // Never merged: an exact one goes before a wildcard.
    expect(told).toEqual([
      [150_000, 900_000, false],
      [200_000, 600_000, true],
    ])
    expect((await prices({ request_type: 'responses' })).data).toMatchObject([{ request_types: ['responses'] }])
    const mine = { prices: { input: { pico_usd: 0, usd: '0' }, output: { pico_usd: 1, usd: '0.000000000001' } } }
    expect((await prices({ model: 'of-my-own' })).data).toMatchObject([{ model: 'of-my-own', ...mine }])
    const listed = (await call('GET', `${BOOK}?provider=openai&limit=1000`)).body.data
    expect(listed.filter((row: { model: string }) => row.model === 'of-my-own')).toMatchObject([mine])
    expect((await prices({ provider: 'anthropic', model: 'of-my-own' })).data).toEqual([])
  })

  it('leaves the snapshots once no request can be priced by it any more, and stays to be read', async ({ expect }) => {
    const { make, publish, latest, passTo, call } = await open()
    const key = await make(KEYS, { name: 'k' })
    const numbers = () => latest(key.id)?.pricebook?.map(({ number }) => number)
    await publish([MINI])
    passTo(NOW + DAY)
    await publish([MINI])
    passTo(NOW + 3 * DAY)
    await publish([MINI])
    expect(numbers()).toEqual([1, 2, 3])
    passTo(NOW + 4 * DAY)
    await publish([MINI], NOW + 30 * DAY)
    expect(numbers()).toEqual([2, 3, 4])
    expect((await call('GET', `${BOOK}/versions`)).body.pagination.total).toBe(4)
  })

  it('gets a version of each of those that are made at once, and a row of the audit trail for each', async ({
    expect,
  }) => {
    const { publish, tenantId } = await open()
    const made = await Promise.all(Array.from({ length: 5 }, () => publish([MINI])))
    expect(made.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5])
    const text = `SELECT count(*) AS n FROM audit_event WHERE tenant_id = ?1 AND action = 'pricebook.create'`
    expect(await env.DB.prepare(text).bind(tenantId).first('n')).toBe(5)
  })

  it.for<[body: unknown, detail: RegExp]>([
    ['{', /JSON/],
    [{}, /entries/],
    [{ entries: {} }, /entries/],
    [{ entries: [], effective: '2027-01-01T00:00:00Z' }, /effective/],
    [{ entries: [], effective_from: 5 }, /effective_from/],
    [{ entries: [], effective_from: 'tomorrow' }, /effective_from must be an RFC 3339 timestamp/],
    [{ entries: [], effective_from: '2027-01-01' }, /effective_from must be an RFC 3339 timestamp/],
    [{ entries: [], effective_from: '2099-01-01T00:00:00Z' }, /effective_from must be within five years/],
    [{ entries: [], note: 'x'.repeat(1001) }, /note/],
    [{ entries: [{ ...MINI, model: ' ' }] }, /entries\[0\]\.model/],
    [{ entries: [{ ...MINI, model: 5 }] }, /entries\[0\]\.model/],
    [{ entries: [{ ...MINI, cost: 5 }] }, /cost/],
    [{ entries: [{ ...MINI, prices: {} }] }, /must name a price/],
    [{ entries: [{ ...MINI, prices: { input_cost_per_token: '1' } }] }, /input_cost_per_token/],
    [{ entries: [{ ...MINI, provider: 'nope' }] }, /^entries\[0\]: provider names none that is configured: nope/],
    [{ entries: [{ ...MINI, model: 'gpt-*' }] }, /^entries\[0\]: exact match pattern must not contain wildcards/],
    [{ entries: [{ ...MINI, match_type: 'regex' }] }, /match_type/],
    [{ entries: [{ ...MINI, request_types: [] }] }, /request_types/],
    [{ entries: [{ ...MINI, request_types: ['chat'] }] }, /^entries\[0\]: unsupported request_type "chat"/],
    [
      { entries: [{ ...MINI, prices: { input_cost_per_token: -1 } }] },
      /prices\.input_cost_per_token cannot be negative/,
    ],
    [
      { entries: [{ ...MINI, prices: { input_cost_per_token: 1e-13 } }] },
      /^entries\[0\]: prices\.input_cost_per_token must be whole pico-dollars/,
    ],
    [{ entries: [{ ...MINI, prices: { input_cost_per_pixel: 1 } }] }, /is the price of nothing that is billed here/],
    [
      { entries: [MINI, { ...MINI, request_types: ['responses'] }] },
      /^entries\[1\]: it is of the same as entries\[0\]/,
    ],
    [{ entries: Array.from({ length: 500 }, (_, n) => ({ ...MINI, model: `m${n}` })) }, /at most 65536: use wildcards/],
    [{ entries: Array.from({ length: 501 }, (_, n) => ({ ...MINI, model: `m${n}` })) }, /entries/],
  ])('refuses what is no version, and writes nothing: %#', async ([body, detail], { expect }) => {
    const { post, call, pushes } = await open()
    const answer = await post(body)
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(detail) } })
    expect([pushes(), (await call('GET', `${BOOK}/versions`)).body.data]).toEqual([[], []])
  })

  it.for([
    ['at', 'yesterday'],
    ['request_type', 'chat'],
    ['limit', '0'],
    ['offset', '-1'],
  ])('refuses to list by %s=%s', async ([param = '', value = ''], { expect }) => {
    const { call } = await open()
    expect(await call('GET', `${BOOK}?${param}=${value}`)).toMatchObject({ status: 400, body: { param } })
  })
})
