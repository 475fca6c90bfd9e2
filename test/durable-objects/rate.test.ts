import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { describe, it } from 'vitest'

const T = Date.UTC(2026, 10, 20, 12)

async function newTenant(plan: string | null) {
  const id = crypto.randomUUID()
  const insert = env.DB.prepare('INSERT INTO tenant (id, name, created_ms, plan) VALUES (?1, ?1, 0, ?2)')
  await insert.bind(id, plan).run()
  return { id, rate: env.RATE.getByName(`tenant:${id}`) }
}

describe('a RateObject', () => {
  it.for([
    ['free', 60],
    ['growth', 300],
    ['scale', 1000],
    ['enterprise', 10_000],
    [null, 10_000],
  ] as const)("allows the requests of its tenant's plan, or of the default: %s", async ([plan, max], { expect }) => {
    const { rate } = await newTenant(plan)
    expect(await rate.take({ nowMs: T })).toEqual({ ok: true, limit: max, remaining: max - 1, resetMs: T + 60_000 })
  })

  it('grants exactly its limit to those who ask at once, and remembers it when it is evicted', async ({ expect }) => {
    const { rate } = await newTenant('free')
    const answers = await Promise.all(Array.from({ length: 64 }, () => rate.take({ nowMs: T })))
    expect(answers.filter(answer => answer.ok).length).toBe(60)
    await evictDurableObject(rate)
    expect((await rate.take({ nowMs: T + 59_999 })).ok).toBe(false)
    expect((await rate.take({ nowMs: T + 60_000 })).remaining).toBe(59)
  })

  it('hears of another plan within a minute', async ({ expect }) => {
    const { id, rate } = await newTenant('free')
    await rate.take({ nowMs: T })
    await env.DB.prepare("UPDATE tenant SET plan = 'growth' WHERE id = ?1").bind(id).run()
    expect((await rate.read({ nowMs: T + 59_999 })).limit).toBe(60)
    expect((await rate.read({ nowMs: T + 60_000 })).limit).toBe(300)
  })

  it('leaves nothing behind once its minute is over', async ({ expect }) => {
    const rate = env.RATE.getByName(`client:${crypto.randomUUID()}`)
    await rate.read({ nowMs: T, max: 2 })
    expect(await runInDurableObject(rate, (_, state) => state.storage.getAlarm())).toBeNull()
    await rate.take({ nowMs: T, max: 2 })
    expect(await runDurableObjectAlarm(rate)).toBe(true)
    expect(await runInDurableObject(rate, (_, state) => [...state.storage.kv.list()])).toEqual([])
  })
})

async function call(path: string, key: string, headers: Record<string, string> = {}) {
  return exports.default.fetch(`http://weir.test${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } })
}

async function setUp(name = crypto.randomUUID()) {
  const headers = { authorization: 'Bearer test-setup-token' }
  const init = { method: 'POST', headers, body: JSON.stringify({ tenant_name: name }) }
  const response = await exports.default.fetch('http://weir.test/v1/setup', init)
  const { data } = await response.json<{ data: { tenant_id: string; admin_key: string } }>()
  return { id: data.tenant_id, key: data.admin_key }
}

describe('the management API', () => {
  it('tells how its plan stands, refuses beyond it, and slows no other tenant', async ({ expect }) => {
    const [mine, theirs] = [await setUp(), await setUp()]
    await env.DB.prepare("UPDATE tenant SET plan = 'free' WHERE id = ?1").bind(mine.id).run()
    const answers = await Promise.all(Array.from({ length: 130 }, () => call('/v1/limits', mine.key)))
    const passed = answers.filter(answer => answer.status === 200).length
    // The minute may turn while they are sent.
    expect(passed).toBeGreaterThanOrEqual(60)
    expect(passed).toBeLessThanOrEqual(120)
    const refused = answers.find(answer => answer.status === 429)
    expect(refused?.headers.get('x-ratelimit-limit')).toBe('60')
    expect(refused?.headers.get('x-ratelimit-remaining')).toBe('0')
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(refused?.headers.get('x-ratelimit-reset')) % 60).toBe(0)
    expect(await refused?.json()).toMatchObject({ code: 'rate_limited', status: 429 })
    const other = await call('/v1/limits', theirs.key)
    expect([other.status, other.headers.get('x-ratelimit-limit')]).toEqual([200, '10000'])
  })

  it('stops an address that guesses, and locks out nobody else', async ({ expect }) => {
    const { key } = await setUp()
    const [guesser, other] = [{ 'cf-connecting-ip': '2001:db8:1:2::1' }, { 'cf-connecting-ip': '203.0.113.9' }]
    const statuses: number[] = []
    for (let n = 0; n < 45; n += 1) statuses.push((await call('/v1/limits', `wrong${n}`, guesser)).status)
    expect(statuses[0]).toBe(401)
    expect(statuses).toContain(429)
    const neighbour = await call('/v1/limits', key, { 'cf-connecting-ip': '2001:db8:1:2:ffff::1' })
    expect(neighbour.status).toBe(429)
    expect(await neighbour.json()).toMatchObject({ code: 'attempts_limited' })
    expect((await call('/v1/limits', key, other)).status).toBe(200)
  })
})
