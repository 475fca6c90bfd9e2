import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { deliverDue } from '../../workers/accounting/webhooks/deliver-due.ts'
import type { DeliveryPorts } from '../../workers/accounting/webhooks/ports.ts'
import { tidyWebhooks, wakeWebhooks } from '../../workers/accounting/webhooks/tend-webhooks.ts'
import { sealer } from '../../workers/core/key/seal.ts'
import { addressFlaw } from '../../workers/core/net/public-address.ts'
import type { LimitAlert } from '../../workers/core/quota/thresholds.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { delayAfter, MAX_TRIES } from '../../workers/core/webhooks/retry.ts'
import { webhookEvent } from '../../workers/core/webhooks/webhook-event.ts'
import { webhookName, webhookOf } from '../../workers/core/webhooks/webhook-ref.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { inOneBatch } from '../../workers/db/in-one-batch.ts'
import { tellWebhooks } from '../../workers/db/tell-webhooks.ts'
import { fakeControl, NOW, newTenant } from '../control/fake-ports.ts'
import { databasesHere } from '../shards/databases.ts'
import { alertOf } from '../support/alert-of.ts'
import { batchOf, failingOn, fakePorts, messageOf } from './fake-ports.ts'
import { makeEvent } from './make-event.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const SECRET = 'a secret of the receiver'.replaceAll(' ', '-')
const URL = 'https://hooks.example.com/x'

type Received = { url: string; headers: Record<string, string>; body: string; redirect: string | undefined }

/** An endpoint whose answers a test orders one after the other, the last one for ever; `null` does not answer. */
function receiver(...answers: (Response | null)[]) {
  const received: Received[] = []
  const fetch = async (url: string, init: RequestInit) => {
    const { headers, body, redirect } = init
    received.push({ url, headers: headers as Record<string, string>, body: String(body), redirect })
    const answer = answers[Math.min(received.length, answers.length) - 1]
    if (answer === null) throw new TypeError('Network connection lost.')
    return answer?.clone() ?? new Response('ok')
  }
  return { received, fetch }
}

/** A tenant with a webhook, what delivers to it, and a clock that stands still until it is set. */
async function hooked({ answers = [] as (Response | null)[], url = URL, events = ['cost_event'] } = {}) {
  const clock = { nowMs: NOW }
  const control = fakeControl({
    nowMs: () => clock.nowMs,
    addressFlaw: text => addressFlaw(text, { allowPrivate: true }),
  })
  const tenant = await newTenant(control)
  const made = await tenant.call('POST', '/v1/webhooks', { url, events, secret: SECRET })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  const { received, fetch } = receiver(...answers)
  const accounting = fakePorts({ nowMs: () => clock.nowMs })
  const ports: DeliveryPorts = {
    ...databasesHere(),
    ...{ nowMs: () => clock.nowMs, random: () => 0.5, log: () => undefined, fetch },
    ...{ openSecret: sealer('test-secret-test-secret-test-secret-0').open, addressFlaw, timeoutMs: 10_000 },
  }
  const ref = { tenantId: tenant.tenantId, webhookId: made.body.id as string }
  const path = `/v1/webhooks/${ref.webhookId}`
  return {
    ...{ ...tenant, clock, received, ports, ref, path, accounting, control },
    run: (over: Partial<DeliveryPorts> = {}) => deliverDue(ref, { ...ports, ...over }),
    book: (...spent: UsageEvent[]) => consumeUsage(batchOf([messageOf(spent)]).batch, accounting.ports),
    alert: (...alerts: LimitAlert[]) =>
      consumeUsage(
        batchOf([{ v: 1, from: { tenantId: tenant.tenantId, scope: 'user:u' }, alerts }]).batch,
        accounting.ports,
      ),
    log: async () => (await tenant.call('GET', `${path}/deliveries`)).body.data,
    show: async () => (await tenant.call('GET', path)).body,
  }
}

type Hooked = Awaited<ReturnType<typeof hooked>>

function spentBy({ tenantId }: Hooked, fields: Partial<UsageEvent> = {}): UsageEvent {
  return makeEvent(NOW - HOUR, { tenant_id: tenantId, agent_name: 'research_agent', cost_nano: 45_000_000, ...fields })
}

// As docs/webhooks.md tells a receiver to check, written anew.
function isSigned({ headers, body }: Received, secret: string): boolean {
  const [t, ...signatures] = (headers['x-weir-signature'] ?? '').split(',')
  const expected = createHmac('sha256', secret)
    .update(`${t?.slice(2)}.${body}`)
    .digest('hex')
  return signatures.includes(`v1=${expected}`)
}

describe('what happens', () => {
  it('is told to the webhooks that want it, in the shape of the seed, and to nobody else', async ({ expect }) => {
    const mine = await hooked()
    const others = [await hooked(), await hooked({ events: ['limit.reached'] })]
    const off = await mine.call('POST', '/v1/webhooks', { url: URL, events: ['cost_event'], active: false })
    const event = spentBy(mine, { tags: { department: 'research' } })
    await mine.book(event)
    await mine.run()
    expect(mine.accounting.woken).toEqual([mine.ref])
    expect(mine.received).toHaveLength(1)
    const [one] = mine.received
    expect(JSON.parse(one?.body ?? '')).toEqual({
      id: expect.stringMatching(/^whe_[0-9a-f]{32}$/),
      event_type: 'cost_event',
      timestamp: new Date(event.settled_ms).toISOString(),
      data: expect.objectContaining({
        ...{
          event_id: event.id,
          agent_name: 'research_agent',
          cost_usd: 0.045,
          provider: 'openai',
          model: event.model,
        },
        ...{ revision: 1, cost_nano: '45000000', tags: { department: 'research' }, virtual_key_id: 'key-a' },
      }),
    })
    for (const other of others) expect(await other.log()).toEqual([])
    expect((await mine.call('GET', `/v1/webhooks/${off.body.id}/deliveries`)).body.data).toEqual([])
  })

  it('is told once however often it is booked, again when its truth changes, and never an older one', async ({
    expect,
  }) => {
    const hook = await hooked()
    const assumed = spentBy(hook, { outcome: 'assumed', cost_nano: 90_000_000 })
    const settled = { ...assumed, revision: 2, outcome: 'ok', cost_nano: 45_000_000 } as const
    for (const event of [assumed, assumed, settled, assumed, settled]) await hook.book(event)
    const late = spentBy(hook, { revision: 3 })
    await hook.book(late)
    await hook.book({ ...late, revision: 1 })
    const told = (await hook.log()).map(({ payload }: { payload: { data: Record<string, unknown> } }) => payload.data)
    const pairs = told.map(({ event_id, revision }: Record<string, unknown>) => `${event_id} ${revision}`)
    expect(pairs.sort()).toEqual([`${assumed.id} 1`, `${assumed.id} 2`, `${late.id} 3`].sort())
  })

  it('is not told where it is not booked', async ({ expect }) => {
    const hook = await hooked()
    const event = spentBy(hook)
    const broken = fakePorts({ eventsDb: async () => openDatabase(failingOn(event.id)) })
    const { batch, answers } = batchOf([messageOf([event])])
    await consumeUsage(batch, broken.ports)
    expect([answers, await hook.log(), broken.woken]).toEqual([['retry after 5 s'], [], []])
  })

  it('of a threshold is an alert; from 100 percent on a limit was reached, and of money a budget exceeded', async ({
    expect,
  }) => {
    const hook = await hooked({ events: ['alert_triggered', 'limit.reached', 'budget_exceeded'] })
    const tokens = { unit: 'tokens', max: 10, used: 12, scope: 'team:t', limitId: 'r:tokens' } as const
    const over = alertOf({ threshold: 100, used: 50e9, scope: 'agent:research' })
    await hook.alert(alertOf(), over, alertOf({ ...tokens, threshold: 120 }))
    await hook.alert(over)
    const told = (await hook.log()).map(({ payload }: { payload: Record<string, never> }) => payload)
    const kinds = told.map((one: { event_type: string; data: { threshold: number } }) => [
      one.event_type,
      one.data.threshold,
    ])
    expect(kinds.sort()).toEqual([
      ['alert_triggered', 100],
      ['alert_triggered', 120],
      ['alert_triggered', 80],
      ['budget_exceeded', 100],
      ['limit.reached', 100],
      ['limit.reached', 120],
    ])
    const exceeded = told.find((one: { event_type: string }) => one.event_type === 'budget_exceeded')
    const { data: shown } = (await hook.call('GET', '/v1/alerts/reached?scope=agent:research')).body
    const names = { agent_name: 'research', user_id: null, current_spend: 50, budget_limit: 50 }
    expect(exceeded.data).toEqual({ ...shown[0], ...names })
  })

  it('in another transaction is told in it, whoever writes it', async ({ expect }) => {
    const hook = await hooked({ events: ['export.completed', 'anomaly.detected'] })
    const { tenantId } = hook
    const done = webhookEvent({
      tenantId,
      type: 'export.completed',
      subject: 'exp_1',
      atMs: NOW,
      data: { id: 'exp_1' },
    })
    const tell = tellWebhooks({ tenantId, events: [done], nowMs: NOW })
    expect(await inOneBatch(hook.ports.db, [tell])).toEqual([[{ webhookId: hook.ref.webhookId }]])
    expect(await inOneBatch(hook.ports.db, [tell])).toEqual([[]])
    await hook.run()
    expect(hook.received.map(({ body }) => JSON.parse(body).data)).toEqual([{ id: 'exp_1' }])
  })
})

describe('a delivery', () => {
  it('can be checked by either form of its signature, and while a secret rotates with the old one, too', async ({
    expect,
  }) => {
    const hook = await hooked()
    await hook.book(spentBy(hook))
    await hook.run()
    const rotated = await hook.call('POST', `${hook.path}/rotate-secret`, { grace_seconds: 60 })
    const { secret } = rotated.body
    expect(secret).toMatch(/^whsec_[\w-]{43}$/)
    const send = async () => {
      await hook.book(spentBy(hook))
      await hook.run()
      return hook.received.at(-1) as Received
    }
    const [first] = hook.received as [Received]
    const during = await send()
    hook.clock.nowMs += 60_000
    const after = await send()
    const good = (one: Received) => [isSigned(one, SECRET), isSigned(one, secret)]
    expect([first, during, after].map(good)).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ])
    const plain = (one: Received, key: string) => `sha256=${createHmac('sha256', key).update(one.body).digest('hex')}`
    expect(first.headers['x-weir-signature-256']).toBe(plain(first, SECRET))
    expect(during.headers['x-weir-signature-256']).toBe(plain(during, secret))
    expect(during.headers['x-tensorcost-signature']).toBe(during.headers['x-weir-signature'])
    expect(isSigned({ ...first, body: first.body.replace('0.045', '0.001') }, SECRET)).toBe(false)
    expect(first.headers['x-weir-event-id']).toBe(JSON.parse(first.body).id)
  })

  it('that is answered 500 ten times is given up, told try by try, and can be sent again', async ({ expect }) => {
    const hook = await hooked({
      answers: Array(10)
        .fill(new Response('no', { status: 500 }))
        .concat(new Response()),
    })
    await hook.book(spentBy(hook))
    const waits: number[] = []
    for (let next = await hook.run(); next !== undefined; next = await hook.run()) {
      waits.push(next - hook.clock.nowMs)
      hook.clock.nowMs = next - 1
      expect(await hook.run()).toBe(next)
      hook.clock.nowMs = next
    }
    expect(hook.received).toHaveLength(MAX_TRIES)
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(n => delayAfter(n, 0.5)))
    const [failed] = await hook.log()
    expect(failed).toMatchObject({ status: 'failed', next_attempt_at: null })
    expect(failed.attempts).toHaveLength(10)
    expect(new Set(failed.attempts.map((one: { at: string }) => one.at)).size).toBe(10)
    for (const one of failed.attempts) expect(one).toMatchObject({ status: 500, error: 'the endpoint answered 500' })
    const again = await hook.call('POST', `${hook.path}/deliveries/${failed.id}/redeliver`)
    expect([again.status, hook.control.woken]).toEqual([202, [hook.ref]])
    expect(await hook.run()).toBeUndefined()
    const [delivered] = await hook.log()
    expect(delivered).toMatchObject({ id: failed.id, status: 'delivered', attempts: { length: 11 } })
    expect(new Set(hook.received.map(({ body }) => body)).size).toBe(1)
    expect(await hook.show()).toMatchObject({ status: 'active', failures: 0, failing_since: null })
  })

  it('that was sent and not noted is sent again, with the same id and the same bytes', async ({ expect }) => {
    const hook = await hooked()
    await hook.book(spentBy(hook))
    const batch = async () => {
      throw new Error('D1_ERROR: killed')
    }
    const killed = (d1: D1Database) => ({ prepare: (text: string) => d1.prepare(text), batch }) as unknown as D1Database
    await expect(hook.run(databasesHere(killed))).rejects.toThrow('killed')
    expect(hook.received).toHaveLength(1)
    expect((await hook.log())[0]).toMatchObject({ status: 'pending', attempts: [] })
    await hook.run()
    expect(hook.received).toHaveLength(2)
    expect(hook.received[1]?.body).toBe(hook.received[0]?.body)
    expect((await hook.log())[0]).toMatchObject({ status: 'delivered', attempts: [{ status: 200, error: null }] })
  })

  it.for([
    [
      new Response(null, { status: 302, headers: { location: 'http://169.254.169.254/' } }),
      302,
      'redirects are not followed',
    ],
    [null, null, 'the endpoint could not be reached'],
    [new Response('x'.repeat(100_000), { status: 404 }), 404, 'the endpoint answered 404'],
  ] as const)('that fails says how: %#', async ([answer, status, error], { expect }) => {
    const hook = await hooked({ answers: [answer] })
    await hook.book(spentBy(hook))
    expect(await hook.run()).toBe(NOW + 5000)
    expect((await hook.log())[0]).toMatchObject({ status: 'pending', attempts: [{ status, error, latency_ms: 0 }] })
    expect(hook.received.map(one => [one.url, one.redirect])).toEqual([[URL, 'manual']])
  })

  it.for([
    'https://169.254.169.254/latest/meta-data',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://[::ffff:169.254.169.254]/',
    'https://127.1/',
    'https://[::1]/',
    'https://metadata.google.internal/',
    'http://hooks.example.com/',
  ])('never leaves for %s, even where it was allowed to be written', async (url, { expect }) => {
    const hook = await hooked({ url })
    await hook.book(spentBy(hook))
    await hook.run()
    expect(hook.received).toEqual([])
    const [told] = await hook.log()
    expect(told.attempts[0].error).toMatch(/^the address may not be called: not_(public|https)$/)
  })

  it('waits for no other of its endpoint longer than the slowest of eight, and all are sent in the end', async ({
    expect,
  }) => {
    const hook = await hooked()
    await hook.book(...Array.from({ length: 30 }, () => spentBy(hook)))
    let flying = 0
    let most = 0
    const fetch: DeliveryPorts['fetch'] = async (url, init) => {
      most = Math.max(most, ++flying)
      await Promise.resolve()
      flying -= 1
      return hook.ports.fetch(url, init)
    }
    await hook.run({ fetch })
    expect([most <= 8, hook.received.length]).toEqual([true, 30])
    expect(new Set(hook.received.map(({ body }) => body)).size).toBe(30)
  })
})

describe('an endpoint', () => {
  it('that fails for less than a day is not paused, and counts anew once something is sent again by hand', async ({
    expect,
  }) => {
    const hook = await hooked({ answers: [...Array(11).fill(null), new Response()] })
    await hook.book(spentBy(hook))
    for (let tries = 0; tries < 9; tries += 1) hook.clock.nowMs = (await hook.run()) ?? hook.clock.nowMs
    expect(await hook.show()).toMatchObject({ status: 'failing', failures: 9, paused_reason: null })
    hook.clock.nowMs = NOW + DAY - 1
    await hook.book(spentBy(hook))
    await hook.run()
    expect(await hook.show()).toMatchObject({ status: 'failing', failures: 11 })
    hook.clock.nowMs = NOW + DAY
    await hook.call('POST', `${hook.path}/deliveries/${(await hook.log())[0].id}/redeliver`)
    // What is asked for by hand counts anew: the endpoint gets another day.
    expect(await hook.show()).toMatchObject({ failures: 0, failing_since: null })
    await hook.run()
    expect((await hook.log()).map(({ status }: { status: string }) => status)).toContain('delivered')
  })

  it('is paused for failing through a day, and for saying that it is gone at once', async ({ expect }) => {
    const hook = await hooked({ answers: [null] })
    await hook.book(spentBy(hook))
    for (let next = await hook.run(); next !== undefined; next = await hook.run()) hook.clock.nowMs = next
    hook.clock.nowMs = NOW + DAY
    await hook.book(spentBy(hook))
    await hook.run()
    const paused = await hook.show()
    expect(paused).toMatchObject({ status: 'paused', paused_reason: 'failing: the endpoint could not be reached' })
    expect(paused.paused_at).toBe(new Date(NOW + DAY).toISOString())
    const before = hook.received.length
    await hook.book(spentBy(hook))
    hook.clock.nowMs += HOUR
    expect(await hook.run()).toBeUndefined()
    expect(hook.received).toHaveLength(before)
    await hook.call('PUT', hook.path, {})
    await hook.run()
    expect(hook.received.length).toBe(before + 2)
    const gone = await hooked({ answers: [new Response(null, { status: 410 })] })
    await gone.book(spentBy(gone))
    expect(await gone.run()).toBeUndefined()
    expect(await gone.show()).toMatchObject({ status: 'paused', paused_reason: 'gone', failures: 1 })
  })

  it('that was not woken is woken by the cron, unless it may not be called', async ({ expect }) => {
    const [hook, off] = [await hooked(), await hooked()]
    for (const one of [hook, off]) await one.book(spentBy(one))
    await off.call('PUT', off.path, { active: false })
    const at = (nowMs: number) => fakePorts({ nowMs: () => nowMs })
    const early = at(NOW + 29_999)
    await wakeWebhooks(early.ports)
    expect(early.woken).not.toContainEqual(hook.ref)
    const late = at(NOW + 30_000)
    await wakeWebhooks(late.ports)
    expect(late.woken).toContainEqual(hook.ref)
    expect(late.woken).not.toContainEqual(off.ref)
  })

  it('has its log for thirty days, and what waits for it for seven', async ({ expect }) => {
    const [sent, waiting] = [await hooked(), await hooked()]
    for (const one of [sent, waiting]) await one.book(spentBy(one))
    await sent.run()
    await waiting.call('PUT', waiting.path, { active: false })
    const tidyAt = (nowMs: number) => tidyWebhooks(fakePorts({ nowMs: () => nowMs }).ports)
    await tidyAt(NOW + 7 * DAY)
    expect([await sent.log(), (await waiting.log())[0].status]).toMatchObject([{ length: 1 }, 'pending'])
    await tidyAt(NOW + 7 * DAY + 1)
    expect((await waiting.log())[0]).toMatchObject({ status: 'failed', attempts: [] })
    await tidyAt(NOW + 30 * DAY + 1)
    expect([await sent.log(), await waiting.log()]).toMatchObject([[], { length: 1 }])
  })
})

describe('the schedule', () => {
  it('has ten tries, each wait longer than the one before, in less than 27 hours', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 9, maxLength: 9 }), draws => {
        const waits = draws.map((random, index) => delayAfter(index + 1, random) ?? 0)
        expect(waits.every((wait, index) => wait > (waits[index - 1] ?? 0))).toBe(true)
        expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(27 * HOUR)
        expect(delayAfter(MAX_TRIES, draws[0] ?? 0)).toBeUndefined()
      }),
    )
    const ref = { tenantId: 't', webhookId: 'w' } as Hooked['ref']
    expect(webhookOf(webhookName(ref))).toEqual(ref)
  })
})
