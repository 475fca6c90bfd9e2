import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { NETWORKS } from '../../scripts/serve/networks.mjs'
import { until } from '../support/admin.mjs'
import { freePort, startWeir } from '../support/weir-server.mjs'

type Received = { body: string; headers: IncomingMessage['headers']; atMs: number }
type Receiver = Awaited<ReturnType<typeof listen>>

/** An endpoint that is really there, and keeps what it got. */
async function listen(answer: (response: ServerResponse, count: number) => void, port = 0) {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => {
      received.push({ body, headers: request.headers, atMs: Date.now() })
      answer(response, received.length)
    })
  })
  await new Promise<void>(done => server.listen(port, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const close = () => {
    server.closeAllConnections()
    return new Promise(done => server.close(done))
  }
  return { received, url, close }
}

const ok = (response: ServerResponse) => response.end('thanks')
const docs = readFileSync(resolve(import.meta.dirname, '../../docs/webhooks.md'), 'utf8')
const snippet = (language: string) => docs.split(`\`\`\`${language}\n`)[1]?.split('```')[0] ?? ''

let weir: Awaited<ReturnType<typeof startWeir>>
const home = mkdtempSync(join(tmpdir(), 'weir-hooks-'))
const receivers: Receiver[] = []

async function endpoint(...args: Parameters<typeof listen>): Promise<Receiver> {
  const receiver = await listen(...args)
  receivers.push(receiver)
  return receiver
}

async function hook(url: string, events = ['cost_event']) {
  const made = await weir.admin.call('POST', '/v1/webhooks', { url, events })
  const path = `/v1/webhooks/${made.id}`
  return {
    ...(made as { id: string; secret: string }),
    path,
    log: async () => (await weir.admin.call('GET', `${path}/deliveries`)).data,
    remove: () => weir.admin.call('DELETE', path),
    test: () => weir.admin.call('POST', `${path}/test`),
  }
}

async function spend(value: string) {
  const headers = { authorization: `Bearer ${value}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ model: 'mock/echo', messages: [{ role: 'user', content: 'Hello' }] })
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body })
  return answer.status
}

beforeAll(async () => {
  weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:9/v1', env: { WEBHOOK_TIMEOUT_MS: '1500' } })
})

afterAll(async () => {
  await weir?.dispose()
  await Promise.all(receivers.map(one => one.close()))
  rmSync(home, { recursive: true, force: true })
})

describe('a webhook', () => {
  it('hears of each call that was charged and of the budget that it used up, signed as the docs say', async ({
    expect,
  }) => {
    const receiver = await endpoint(ok)
    const { secret, remove } = await hook(receiver.url, ['cost_event', 'budget_exceeded', 'alert_triggered'])
    const limit = { max_limit: 0.00001, reset_duration: '1d', on_exceed: 'warn', alert_thresholds: [50] }
    const key = await weir.admin.createKey({ budgets: [limit] })
    for (let calls = 0; calls < 3; calls += 1) expect(await spend(key.value)).toBe(200)
    const kinds = () => receiver.received.map(({ body }) => JSON.parse(body).event_type)
    await until(
      async () => kinds(),
      all => all.filter(kind => kind === 'cost_event').length >= 3 && all.includes('budget_exceeded'),
    )
    const ids = new Set(receiver.received.map(({ body }) => JSON.parse(body).id))
    expect(ids.size).toBe(receiver.received.length)
    const events = await weir.admin.listEvents({ virtual_key_id: key.id })
    const told = receiver.received.map(({ body }) => JSON.parse(body)).filter(one => one.event_type === 'cost_event')
    const costs = (all: { cost_nano: number | string }[]) => all.map(({ cost_nano }) => Number(cost_nano)).sort()
    expect(costs(told.map(({ data }) => data))).toEqual(costs(events))
    const file = join(home, 'check.mjs')
    writeFileSync(file, snippet('js'))
    const { isFromWeir } = await import(/* @vite-ignore */ pathToFileURL(file).href)
    for (const { body, headers } of receiver.received) {
      const header = String(headers['x-weir-signature'])
      expect(isFromWeir(Buffer.from(body), header, secret)).toBe(true)
      expect(isFromWeir(Buffer.from(`${body} `), header, secret)).toBe(false)
      expect(isFromWeir(Buffer.from(body), header, `${secret}x`)).toBe(false)
      expect(isFromWeir(Buffer.from(body), header, secret, Date.now() / 1000 + 301)).toBe(false)
    }
    await remove()
  })

  it('is checked by the Python of the docs, too', async ({ expect, skip }) => {
    if (spawnSync('python3', ['--version']).status !== 0) skip('there is no python3 here')
    const receiver = await endpoint(ok)
    const { secret, test, remove } = await hook(receiver.url)
    await test()
    await until(
      async () => receiver.received.length,
      count => count > 0,
    )
    const [one] = receiver.received as [Received]
    const ask = `${snippet('python')}\nimport json, sys\nbody, header, secret = json.load(sys.stdin)
print(is_from_weir(body.encode(), header, secret), is_from_weir(body.encode() + b" ", header, secret))`
    const input = JSON.stringify([one.body, one.headers['x-weir-signature'], secret])
    const { stdout, stderr } = spawnSync('python3', ['-c', ask], { input, encoding: 'utf8' })
    expect([stdout.trim(), stderr]).toEqual(['True False', ''])
    await remove()
  })

  it('whose endpoint is slow holds up no other, and its log says that it did not answer', async ({ expect }) => {
    const silent = await endpoint(() => undefined)
    const quick = await endpoint(ok)
    const [slow, fast] = [await hook(silent.url), await hook(quick.url)]
    const startMs = Date.now()
    for (let tests = 0; tests < 12; tests += 1) await slow.test()
    await fast.test()
    await until(
      async () => quick.received.length,
      count => count === 1,
    )
    expect((quick.received[0]?.atMs ?? 0) - startMs).toBeLessThan(1500 + 2000)
    const [first] = await until(slow.log, log => log.every((one: { attempts: [] }) => one.attempts.length > 0))
    expect(first.attempts[0]).toMatchObject({ status: null, error: 'the endpoint did not answer within 1500 ms' })
    expect(first.attempts[0].latency_ms).toBeGreaterThanOrEqual(1490)
    for (const one of [slow, fast]) await one.remove()
  })

  it('follows no redirect: nobody reaches where it leads', async ({ expect }) => {
    const target = await endpoint(ok)
    const answers = [target.url, 'http://169.254.169.254/latest/meta-data/', '/elsewhere', '//127.0.0.1:1/']
    const redirecting = await endpoint((response, count) => {
      response.writeHead([301, 302, 307, 308][(count - 1) % 4] ?? 302, { location: answers[(count - 1) % 4] })
      response.end()
    })
    const { test, log, remove } = await hook(redirecting.url)
    for (let tests = 0; tests < 4; tests += 1) await test()
    const told = await until(log, all => all.every((one: { attempts: [] }) => one.attempts.length > 0))
    for (const { attempts } of told) {
      expect(attempts[0]).toMatchObject({ status: expect.any(Number), error: 'redirects are not followed' })
    }
    expect(redirecting.received.length).toBe(4)
    expect(target.received.length).toBe(0)
    await remove()
  })

  it('whose endpoint is down loses nothing: the log tells, and what is sent again arrives', async ({ expect }) => {
    const port = await freePort()
    const { test, log, path, remove } = await hook(`http://127.0.0.1:${port}/hook`)
    await test()
    const [down] = await until(log, ([one]) => one.attempts.length > 0)
    expect(down).toMatchObject({
      status: 'pending',
      attempts: [{ status: null, error: 'the endpoint could not be reached' }],
    })
    const waits = Date.parse(down.next_attempt_at) - Date.parse(down.attempts[0].at)
    expect(waits).toBeGreaterThanOrEqual(4000)
    expect(waits).toBeLessThan(8000)
    expect(await weir.admin.call('GET', path)).toMatchObject({ status: 'failing', failures: 1 })
    const up = await endpoint(ok, port)
    await weir.admin.call('POST', `${path}/deliveries/${down.id}/redeliver`)
    const [sent] = await until(log, ([one]) => one.status === 'delivered')
    expect(up.received.map(({ body }) => JSON.parse(body).id)).toEqual([down.id])
    expect(sent.attempts.at(-1)).toMatchObject({ status: 200, error: null })
    await remove()
  })

  it('that answers 500 ten times has each told, and gets it once it is well', { timeout: 60_000 }, async ({
    expect,
  }) => {
    const ill = await endpoint((response, count) => {
      response.statusCode = count <= 10 ? 500 : 200
      response.end()
    })
    const { test, log, path, remove } = await hook(ill.url)
    const { id } = await test()
    // By hand, where one would wait for a day.
    for (let tries = 1; tries <= 10; tries += 1) {
      const [one] = await until(log, ([first]) => first.attempts.length === tries)
      expect(one.attempts.at(-1)).toMatchObject({ status: 500, error: 'the endpoint answered 500' })
      expect(await weir.admin.call('GET', path)).toMatchObject({ status: 'failing' })
      await weir.admin.call('POST', `${path}/deliveries/${id}/redeliver`)
    }
    const [sent] = await until(log, ([one]) => one.status === 'delivered')
    expect(sent.attempts.map(({ status }: { status: number }) => status)).toEqual([...Array(10).fill(500), 200])
    expect(new Set(ill.received.map(({ body }) => body)).size).toBe(1)
    await remove()
  })

  it('that is gone is called no more, and gets what waited once somebody says so', async ({ expect }) => {
    const gone = await endpoint((response, count) => {
      response.statusCode = count === 1 ? 410 : 200
      response.end()
    })
    const { test, log, path, remove } = await hook(gone.url)
    const { id } = await test()
    await until(
      () => weir.admin.call('GET', path),
      ({ status, paused_reason }) => status === 'paused' && paused_reason === 'gone',
    )
    const key = await weir.admin.createKey({})
    expect(await spend(key.value)).toBe(200)
    const waiting = await until(log, all => all.length === 2)
    expect(waiting.map(({ status }: { status: string }) => status)).toEqual(['pending', 'pending'])
    expect(gone.received.length).toBe(1)
    await weir.admin.call('PUT', path, {})
    await until(log, all => all.every(({ status }: { status: string }) => status === 'delivered'))
    expect(gone.received.map(({ body }) => JSON.parse(body).id)).toContain(id)
    expect(gone.received.length).toBe(3)
    await remove()
  })

  it('gets again what it was being told when the server was killed', { timeout: 90_000 }, async ({ expect }) => {
    let isSilent = true
    const receiver = await endpoint(response => void (isSilent || response.end()))
    const { test, log } = await hook(receiver.url, ['cost_event', 'alert_triggered'])
    const { id: budgetId } = await weir.admin.call('POST', '/v1/budgets', {
      amount_usd: 0.00001,
      period: 'daily',
      enforcement: 'warn',
    })
    const key = await weir.admin.createKey({})
    expect(await spend(key.value)).toBe(200)
    await until(
      () => weir.admin.listEvents({ virtual_key_id: key.id }),
      events => events.length === 1,
    )
    expect((await weir.admin.call('GET', `/v1/budgets/${budgetId}`)).spent_usd).toBeGreaterThan(0.0000025)
    const rules = await Promise.all([
      weir.admin.call('POST', '/v1/alerts', { name: 'part', trigger: 'budget_threshold', threshold: 0.25 }),
      weir.admin.call('POST', '/v1/alerts', { name: 'day', trigger: 'daily_spend_limit', threshold: 0.000001 }),
    ])
    const { id } = await test()
    await until(
      async () => receiver.received,
      all => all.some(({ body }) => body.includes(id)),
    )
    await weir.kill9()
    isSilent = false
    await weir.restart()
    const isDelivered = (one: { id: string; status: string }) => one.id === id && one.status === 'delivered'
    await until(log, all => all.some(isDelivered), 60_000)
    // What was charged before the kill is told as well, once its meter has shipped it anew.
    const copies = receiver.received.map(({ body }) => body).filter(body => body.includes(id))
    expect(new Set(copies).size).toBe(1)
    expect(copies.length).toBeGreaterThanOrEqual(2)
    // The cron has looked at the rules of alerts, of which one asks the budget itself.
    const alerts = () =>
      receiver.received.map(({ body }) => JSON.parse(body)).filter(one => one.data.alert_id !== undefined)
    const heard = await until(
      async () => new Map(alerts().map(one => [one.data.alert_id, one.data])),
      all => all.size === 2,
      30_000,
    )
    expect(heard.get(rules[0].id)).toMatchObject({ name: 'part', limit_id: budgetId, threshold: 0.25 })
    expect(heard.get(rules[1].id)).toMatchObject({ name: 'day', limit_id: null })
    expect(
      await until(
        async () => alerts().length,
        count => count >= 2,
      ),
    ).toBe(2)
  })

  it('inside is never called where that is not allowed, though it was written when it was', {
    timeout: 90_000,
  }, async ({ expect }) => {
    const inside = await endpoint(ok)
    const { test, log } = await hook(inside.url, ['export.completed'])
    await test()
    await until(log, ([one]) => one.status === 'delivered')
    await weir.stop()
    await weir.restart({ ALLOW_PRIVATE_UPSTREAMS: 'off' })
    await test()
    const [told] = await until(log, ([one]) => one.attempts.length > 0 && one.status === 'pending')
    expect(told.attempts[0]).toMatchObject({ status: null, error: expect.stringMatching(/may not be called: not_/) })
    expect(inside.received.length).toBe(1)
    for (const url of [
      inside.url,
      'https://127.1/',
      'https://[::ffff:10.0.0.1]/',
      'https://2852039166/',
      'https://localhost/',
    ]) {
      await expect(hook(url)).rejects.toThrow(/400/)
    }
  })
})

const ASKING = `export default {
  async fetch(request, env) {
    const { through, url } = await request.json()
    const answer = await env[through].fetch(url).catch(error => new Response(String(error), { status: 599 }))
    return new Response(null, { status: answer.status })
  },
}`

describe('the network that the webhooks of a server go through', () => {
  it('reaches nothing inside, by an address or by a name that resolves to one', async ({ expect }) => {
    const inside = await endpoint(ok)
    const { port } = new URL(inside.url)
    const worker = { name: 'asking', modules: true, script: ASKING, serviceBindings: NETWORKS }
    const mf = new Miniflare(convertV4MiniflareOptions({ workers: [worker] }))
    try {
      const ask = async (through: string, host: string) => {
        const body = JSON.stringify({ through, url: `http://${host}:${port}/` })
        return (await mf.dispatchFetch('http://asking/', { method: 'POST', body })).status
      }
      for (const host of ['127.0.0.1', 'localhost']) {
        expect([host, await ask('PUBLIC_OUTBOUND', host)]).toEqual([host, 599])
        expect(inside.received.length).toBe(0)
        expect([host, await ask('OUTBOUND', host)]).toEqual([host, 200])
        inside.received.pop()
      }
    } finally {
      await mf.dispose()
    }
  })
})
