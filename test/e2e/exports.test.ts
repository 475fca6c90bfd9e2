import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { countBefore, endLeases, fillEvents } from '../../bench/exports/fill.mjs'
import { until } from '../support/admin.mjs'
import { startWeir } from '../support/weir-server.mjs'

const DAY = 86_400_000
const TODAY = Math.floor(Date.now() / DAY) * DAY
const START = TODAY - 100 * DAY
/** Events of two hours each: of three days that are more than ninety days ago, and of the day before yesterday. */
const DAYS = [START, START + DAY, START + 2 * DAY, TODAY - 2 * DAY]
const EVENTS = DAYS.length * 5000
const iso = (ms: number) => new Date(ms).toISOString()
const RANGE = { start_date: iso(START - DAY), end_date: iso(TODAY) }

type Shown = {
  id: string
  status: string
  rows: number
  bytes: number
  events: number
  cost_usd: number
  download_url: string
}

let weir: Awaited<ReturnType<typeof startWeir>>
let costNano = 0
let before: { ndjson: string; focus: string; spent: number }

const ask = (body: object): Promise<Shown> => weir.admin.call('POST', '/v1/exports', { ...RANGE, ...body })
const show = (id: string): Promise<Shown> => weir.admin.call('GET', `/v1/exports/${id}`)

async function fileOf(id: string): Promise<string> {
  const done = await until(
    () => show(id),
    ({ status }) => status === 'completed' || status === 'failed',
    60_000,
  )
  return (await fetch(done.download_url)).text()
}

const exported = async (body: object) => fileOf((await ask(body)).id)

async function spent(): Promise<number> {
  const query = new URLSearchParams({ start_date: iso(START), end_date: iso(TODAY), group_by: 'provider' })
  return (await weir.admin.call('GET', `/v1/analytics/costs?${query}`)).summary.total_cost_usd
}

// A decimal with up to twelve places.
function picoOf(text: string): bigint {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text) ?? []
  return BigInt(`${sign}${whole}${part.padEnd(12, '0')}`)
}

const billed = (csv: string, column = 'BilledCost') =>
  Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true }).data.reduce(
    (sum, row) => sum + picoOf(row[column] ?? ''),
    0n,
  )

const eventsIn = (ndjson: string): { id: string; cost_nano: string }[] =>
  ndjson
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

beforeAll(async () => {
  weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:9/v1' })
  const { data } = await weir.admin.call('GET', '/v1/tenant')
  await weir.kill9()
  const some = { tenantId: data.id, events: 5000, spanMs: DAY / 12, isToBeSummed: true }
  for (const startMs of DAYS) costNano += fillEvents(weir.home, { ...some, startMs })
  await weir.restart()
})

afterAll(() => weir?.dispose())

describe('exports of a server', () => {
  it('have every event once and cost what the ledger says, and one that was killed half-way is the same file', {
    timeout: 90_000,
  }, async ({ expect }) => {
    before = {
      ndjson: await exported({ format: 'ndjson' }),
      focus: await exported({ dataset: 'focus' }),
      spent: await spent(),
    }
    const events = eventsIn(before.ndjson)
    expect([events.length, new Set(events.map(({ id }) => id)).size]).toEqual([EVENTS, EVENTS])
    expect(events.reduce((sum, { cost_nano }) => sum + Number(cost_nano), 0)).toBe(costNano)
    expect(billed(before.focus)).toBe(BigInt(costNano) * 1000n)
    expect(Math.round(before.spent * 1e9)).toBe(costNano)
    const { id } = await ask({ format: 'ndjson' })
    await until(
      () => show(id),
      ({ bytes }) => bytes > 0,
    )
    await weir.kill9()
    const [left, ...others] = endLeases(weir.home)
    expect(others).toEqual([])
    expect(left?.parts).toBeGreaterThan(0)
    expect(left?.events).toBeLessThan(EVENTS)
    await weir.restart()
    expect((await fileOf(id)) === before.ndjson).toBe(true)
    expect(await show(id)).toMatchObject({ rows: EVENTS, events: EVENTS, cost_usd: costNano / 1e9 })
  })

  it('are the same when the events are in the archive and no more in the database', {
    timeout: 90_000,
  }, async ({ expect }) => {
    const stored = async () => {
      await weir.kill9()
      const count = countBefore(weir.home, TODAY - 2 * DAY)
      await weir.restart()
      // The cron runs as soon as the server is there, and then once a minute.
      await until(
        async () => weir.output(),
        text => text.includes('"task":"keep_archive"'),
      )
      return count
    }
    const left = await until(stored, ({ events }) => events === 0, 60_000)
    expect(left.files).toBe(3)
    expect((await exported({ format: 'ndjson' })) === before.ndjson).toBe(true)
    expect((await exported({ dataset: 'focus' })) === before.focus).toBe(true)
    expect(await spent()).toBe(before.spent)
    const listed = await weir.admin.call('GET', `/v1/events?start_date=${iso(START)}&end_date=${iso(TODAY - 3 * DAY)}`)
    expect(listed.data).toEqual([])
  })

  it('open in a spreadsheet, where that of FOCUS adds up to what the ledger says', { timeout: 90_000 }, async ({
    expect,
    skip,
  }) => {
    if (spawnSync('ssconvert', ['--version']).status !== 0) skip('Gnumeric is not here')
    const folder = mkdtempSync(join(tmpdir(), 'weir-sheet-'))
    try {
      const file = (name: string) => join(folder, name)
      writeFileSync(file('focus.csv'), before.focus)
      const run = (...args: string[]) => spawnSync('ssconvert', args, { encoding: 'utf8' })
      expect(run(file('focus.csv'), file('focus.xlsx')).status).toBe(0)
      expect(run(file('focus.xlsx'), file('again.csv')).status).toBe(0)
      const [said, read] = [before.focus, readFileSync(file('again.csv'), 'utf8')].map(
        text => Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data,
      )
      expect(read?.length).toBe(said?.length)
      expect(Object.keys(read?.[0] ?? {})).toEqual(Object.keys(said?.[0] ?? {}))
      const sum = read?.reduce((all, row) => all + Number(row.BilledCost), 0) ?? 0
      expect(Math.round(sum * 1e9)).toBe(costNano)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
