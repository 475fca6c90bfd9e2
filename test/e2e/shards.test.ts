import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, it } from 'vitest'
import { adminClient, until } from '../support/admin.mjs'
import { startWeir } from '../support/weir-server.mjs'

const root = resolve(import.meta.dirname, '../..')

let weir: Awaited<ReturnType<typeof startWeir>>
let setupToken: string
let far: { id: string; key: string; admin: ReturnType<typeof adminClient> }

async function ask(key: string, ...[method, path, body]: [method: string, path: string, body?: unknown]) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const answer = await fetch(weir.baseUrl + path, init)
  // biome-ignore lint/suspicious/noExplicitAny: answers of any route
  return { status: answer.status, body: (await answer.json()) as any }
}

// The tenant that `npm start` makes is the first and on shard 0, so that the next one is on shard 1.
beforeAll(async () => {
  weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:9', env: { DB_SHARDS: '2' } })
  setupToken = JSON.parse(readFileSync(join(weir.home, 'secrets.json'), 'utf8')).WEIR_SETUP_TOKEN
  const { data } = (await ask(setupToken, 'POST', '/v1/setup', { tenant_name: 'far' })).body
  far = { id: data.tenant_id, key: data.admin_key, admin: adminClient(weir.baseUrl, data.admin_key) }
})

afterAll(() => weir?.dispose())

function backfill(...args: string[]) {
  const node = join(root, 'node_modules', '.bin', 'node')
  const env = { ...process.env, WEIR_BASE_URL: weir.baseUrl, WEIR_API_KEY: far.key, WEIR_SETUP_TOKEN: setupToken }
  const run = spawnSync(node, [join(root, 'scripts', 'backfill', 'main.ts'), ...args], { cwd: weir.home, env })
  return { code: run.status, said: `${run.stderr}` }
}

it('serves a tenant whose events are in a second database as it serves the first', async ({ expect }) => {
  const tenants = (await ask(setupToken, 'GET', '/v1/admin/tenants')).body.data
  expect(tenants.map(({ shard }: { shard: number }) => shard)).toEqual([0, 1])
  const { value } = await far.admin.createKey({ budgetUsd: 1 })
  const said = { model: 'mock/echo', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20 }
  for (const key of [weir.virtualKey, value]) {
    expect((await ask(key, 'POST', '/v1/chat/completions', said)).status).toBe(200)
  }
  for (const admin of [weir.admin, far.admin]) {
    const [event, ...others] = await until(
      () => admin.listEvents(),
      events => events.length > 0,
    )
    expect([others, event.model]).toEqual([[], 'echo'])
  }
  const { body: job } = await ask(far.key, 'POST', '/v1/exports', { start_date: '2026-01-01', end_date: '2099-01-01' })
  const done = await until(
    async () => (await ask(far.key, 'GET', `/v1/exports/${job.id}`)).body,
    ({ status }) => status === 'completed',
  )
  expect(done.rows).toBe(1)
  const file = join(weir.home, 'own.csv')
  writeFileSync(file, await (await fetch(done.download_url)).text())
  expect(backfill('load', file)).toMatchObject({ code: 1, said: expect.stringContaining('would count twice') })
})

const yesterday = Date.now() - 86_400_000
const report = (index: number, more: object = {}) => ({
  external_id: `call-${index}`,
  timestamp: new Date(yesterday + index).toISOString(),
  ...{
    provider: 'openai',
    model: 'gpt-5',
    input_tokens: 3,
    output_tokens: 1,
    cost_usd: 0.000001,
    tags: { a: 'b"c,d' },
  },
  ...more,
})

it('loads events from a file, goes on where it ended, and counts none twice', async ({ expect }) => {
  const file = join(weir.home, 'calls.ndjson.gz')
  const lines = Array.from({ length: 30 }, (_, index) => report(index, index === 24 ? { cost_usd: -1 } : {}))
  writeFileSync(file, gzipSync(lines.map(line => `${JSON.stringify(line)}\n`).join('')))
  const before = (await far.admin.listEvents()).length
  const first = backfill('load', file, '--batch', '10')
  expect(first).toMatchObject({ code: 1, said: expect.stringContaining('record 25: ') })
  expect(JSON.parse(readFileSync(`${file}.backfill.json`, 'utf8'))).toMatchObject({ done: 20, created: 20 })
  const second = backfill('load', file, '--batch', '10', '--skip-invalid')
  // What came with the one that was refused was booked by the first run, and not noted: it is found to be there.
  expect(second.said).toMatch(/30 records, 2\d new events, \d that were there, 1 put aside/)
  expect(readFileSync(`${file}.rejected.ndjson`, 'utf8')).toContain('"external_id":"call-24"')
  expect(await far.admin.listEvents()).toHaveLength(before + 29)
  rmSync(`${file}.backfill.json`)
  expect(backfill('load', file, '--skip-invalid').said).toContain('30 records, 0 new events, 29 that were there')
  expect(await far.admin.listEvents()).toHaveLength(before + 29)
})

it('loads what another tenant has exported, in CSV, to the same sums', async ({ expect }) => {
  const csv = await fetch(`${weir.baseUrl}/v1/events?source=reported&limit=1000`, {
    headers: { authorization: `Bearer ${far.key}`, accept: 'text/csv' },
  })
  const file = join(weir.home, 'events.csv')
  writeFileSync(file, await csv.text())
  const env = { WEIR_API_KEY: weir.adminKey }
  const node = join(root, 'node_modules', '.bin', 'node')
  const all = { ...process.env, WEIR_BASE_URL: weir.baseUrl, ...env }
  const run = spawnSync(node, [join(root, 'scripts', 'backfill', 'main.ts'), 'load', file], { env: all })
  expect(`${run.stderr}`).toContain('29 records, 29 new events')
  const copies = await weir.admin.listEvents({ source: 'reported' })
  const originals = await far.admin.listEvents({ source: 'reported' })
  const told = ({ timestamp, cost_nano, input_tokens, tags, model }: Record<string, unknown>) =>
    JSON.stringify({ timestamp, cost_nano, input_tokens, tags, model })
  expect(copies.map(told)).toEqual(originals.map(told))
})

it('has sums made anew for all tenants, and a tenant moved', ({ expect }) => {
  const days = [yesterday, Date.now()].map(ms => new Date(ms).toISOString().slice(0, 10))
  const run = backfill('rollups', '--from', days[0] ?? '', '--to', days[1] ?? '', '--no-wait')
  expect(run).toMatchObject({ code: 0, said: expect.stringMatching(/^[1-9]\d* hours are to be summed/) })
  expect(backfill('rollups', '--from', days[0] ?? '', '--to', days[1] ?? '', '--tenant', 'nobody')).toMatchObject({
    code: 1,
  })
  const move = (shard: string) => backfill('move', '--tenant', far.id, '--to-shard', shard, '--no-wait')
  expect(move('9')).toMatchObject({ code: 1, said: expect.stringContaining('0 to 1') })
  for (const _ of ['asked', 'asked again']) {
    expect(move('0')).toMatchObject({ code: 0, said: expect.stringContaining('from shard 1 to 0: ') })
  }
  expect(backfill('load', 'no-such-file.csv')).toMatchObject({ code: 1, said: expect.stringContaining('There is no') })
  expect(existsSync(join(weir.home, 'no-such-file.csv.backfill.json'))).toBe(false)
})
