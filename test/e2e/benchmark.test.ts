import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { compareRuns } from '../../bench/gateways/agreement.mjs'
import { figuresOf } from '../../bench/gateways/figures.mjs'
import { startLoad, startProvider } from '../../bench/gateways/load/child.mjs'
import { bodyOf, readOrder } from '../../bench/gateways/load/order.mjs'
import { MachineIsLoaded, untilQuiet } from '../../bench/gateways/machine-load.mjs'
import { pageOf } from '../../bench/gateways/page.mjs'
import { readSettings } from '../../bench/gateways/settings.mjs'
import { figureOf, isWithin } from '../../bench/gateways/statistics.mjs'
import { startProcess } from '../../bench/gateways/subjects/start-process.mjs'
import { mainTable } from '../../bench/gateways/tables.mjs'
import { targetsOf } from '../../bench/gateways/targets.mjs'

/** One round as the load process answers it. */
function roundOf(rps: number, p50: number, pace = 1) {
  const [p95, p99] = [2 * p50, 3 * p50].map(ms => ms / pace)
  return { rps: rps * pace, asked: 100, failed: 0, cpuMs: 1 / pace, whole: { p50: p50 / pace, p95, p99 } }
}

const moneyCase = (overspend: number) => ({
  ...{ number: 1, title: 'parallel burst', name: 'whole answers' },
  figures: { overspend, lost: 0, phantom: 0 },
})

const JSON_ONE = { id: 'json-1', connections: 1, isStream: false, delayMs: 0, bytes: 200 }

/** A run in which the machine halves its pace between two rounds, for everybody. `pace`: of the machine in all of it. */
function runOf({ weirRps = 600, weirP50 = 3, overspend = 0, pace = 1 } = {}) {
  const both = (rps: number, p50: number) => [roundOf(rps, p50, pace), roundOf(rps / 2, 2 * p50, pace)]
  const rounds = {
    upstream: both(4000, 1),
    bare: both(1000, 2),
    weir: both(weirRps, weirP50),
    portkey: both(300, 5),
  }
  return {
    machine: {
      date: '2026-11-26',
      command: 'npm run bench',
      machine: '2 x CPU',
      storage: 'tmpfs',
      versions: { node: '24' },
    },
    settings: { rounds: 2, seconds: 1, scale: 1, force: false },
    subjects: [
      { id: 'upstream', name: 'the provider directly' },
      { id: 'bare', name: 'a bare proxy' },
      { id: 'weir', name: 'Weir', isOurs: true, rssBytes: 2 ** 20 },
      { id: 'portkey', name: 'Portkey', hasBudgets: false },
      { id: 'litellm', name: 'LiteLLM', reason: 'not installed: no network' },
    ],
    cells: [
      { ...JSON_ONE, rounds },
      { ...JSON_ONE, id: 'json-32', connections: 32, rounds },
    ],
    money: { weir: [moneyCase(0), moneyCase(overspend)], portkey: [moneyCase(4)] },
  }
}

describe('what a run says', () => {
  it('compares subjects within a round, so that a slow moment of the machine is nobody’s', ({ expect }) => {
    const figures = figuresOf(runOf().cells[0]?.rounds, 'weir')
    expect(figures.ofBare?.rounds).toEqual([0.6, 0.6])
    expect(figures.ofPortkey?.rounds).toEqual([2, 2])
    expect(figures.added.p50?.rounds).toEqual([2, 4])
    expect(figures.added.first50).toBeUndefined()
  })

  it('states a distance that covers its own rounds, and never less than a restart can move', ({ expect }) => {
    expect(figureOf([100, 100, 100])).toMatchObject({ median: 100, within: 5 })
    const wide = figureOf([80, 90, 100, 110, 120]) ?? { median: 0, within: 0 }
    expect(wide.within).toBeGreaterThanOrEqual(20)
    expect(wide.within).toBeLessThanOrEqual(55)
    expect(figureOf([80, 90, 100, 110, 120])).toEqual(wide)
    expect(isWithin(wide, { median: 100 + wide.within })).toBe(true)
    expect(isWithin(wide, { median: 101 + wide.within })).toBe(false)
    expect(figureOf([Number.NaN])).toBeUndefined()
  })

  it('meets a target only where it was measured and reached', ({ expect }) => {
    const verdicts = (run: ReturnType<typeof runOf>) => targetsOf(run).map((target: { met?: boolean }) => target.met)
    expect(verdicts(runOf())).toEqual([true, true, true, true])
    expect(verdicts(runOf({ weirRps: 400, weirP50: 6, overspend: 0.01 }))).toEqual([false, false, false, false])
    expect(verdicts({ ...runOf(), cells: [], money: {} as never })).toEqual(Array(4).fill(undefined))
  })

  it('finds what a second run says otherwise, however uneven the rounds were', ({ expect }) => {
    const same = compareRuns(runOf(), runOf())
    expect(same.length).toBeGreaterThan(20)
    expect(same.every(({ agrees }) => agrees)).toBe(true)
    const apart = compareRuns(runOf(), runOf({ weirRps: 100 })).filter(({ agrees }) => !agrees)
    const names = ['weir, json-1, ofBare', 'weir, json-32, ofBare', 'weir, json-32, ofPortkey']
    expect(apart.map(({ name }) => name)).toEqual(names)
  })

  it('takes a machine that has become slower as a whole for nobody’s doing', ({ expect }) => {
    expect(compareRuns(runOf(), runOf({ pace: 0.6 })).filter(({ agrees }) => !agrees)).toEqual([])
    const apart = compareRuns(runOf(), runOf({ pace: 0.6, weirP50: 9 })).filter(({ agrees }) => !agrees)
    expect(apart.map(({ name }) => name)).toContain('weir, json-1, inBare.p50')
  })

  it('puts speed and money into one table, and says why a subject is missing', ({ expect }) => {
    const lines = mainTable(runOf({ overspend: 0.5 }))
    expect(new Set(lines.map(line => line.length)).size).toBe(1)
    expect(lines.find(line => line.includes('Weir'))).toMatch(/0\.60 ± 0\.03 .* 1 \| +50\.00 % \| +0 % \| +0 % \|$/)
    expect(lines.find(line => line.includes('Portkey'))).toMatch(/no budgets \| +- \| +- \|$/)
    expect(lines.find(line => line.includes('LiteLLM'))).toContain('not installed: no network')
  })

  it('makes the page of the JSON alone', ({ expect }) => {
    const run = runOf()
    const page = pageOf(JSON.parse(JSON.stringify(run)))
    expect(page).toBe(pageOf(run))
    expect(page).toContain('less than 10 % of the machine was busy')
    expect(pageOf({ ...run, settings: { ...run.settings, force: true } })).toContain('made with `--force`')
  })

  it('shows how to repeat a run, without keys and names of files', ({ expect }) => {
    const args = ['--rounds', '2', '--base-url', 'http://127.0.0.1:1', '--key', 'sk-secret', '--upstream-port', '9']
    const { command, given } = readSettings([...args, '--json', '/tmp/run.json'])
    expect(command).toBe('npm run bench -- --rounds 2 --seconds 0.8 --scale 0.3')
    expect(given).toMatchObject({ baseUrl: 'http://127.0.0.1:1', keys: ['sk-secret'] })
    expect(() => readSettings(['--base-url', 'http://127.0.0.1:1'])).toThrow('--key and --upstream-port are needed')
    expect(() => readSettings(['--seconds', 'no'])).toThrow('--seconds no: a number above zero is needed')
  })
})

describe('the load', () => {
  let provider: Awaited<ReturnType<typeof startProvider>>
  let load: ReturnType<typeof startLoad>

  beforeAll(async () => {
    provider = await startProvider()
    load = startLoad()
  })

  afterAll(async () => {
    await load?.stop()
    await provider?.stop()
  })

  const order = (subject: string, how: { bytes: number; isStream: boolean; delayMs: number }) => ({
    url: `${provider.url}/chat/completions`,
    headers: {},
    body: bodyOf({ subject, model: 'gpt-4o-mini', ...how }),
    ...{ connections: 4, seconds: 0.2, ...how },
  })

  it.for([
    ['whole', { bytes: 200, isStream: false, delayMs: 0 }],
    ['large', { bytes: 50_000, isStream: false, delayMs: 0 }],
    ['streams', { bytes: 200, isStream: true, delayMs: 20 }],
  ] as const)('is billed for each answer that was asked for: %s', async ([subject, how], { expect }) => {
    const figures = await load.run(order(subject, how))
    expect(figures).toMatchObject({ failed: 0 })
    expect(figures.rps).toBeGreaterThan(0)
    const tokens = (figures.asked * how.bytes) / 4
    expect((await provider.billed())[subject]).toEqual({
      requests: figures.asked,
      promptTokens: tokens,
      completionTokens: tokens,
    })
    if (!how.isStream) return
    expect(figures.first.p50).toBeGreaterThanOrEqual(20)
    expect(figures.whole.p50 - figures.first.p50).toBeGreaterThan(150)
  })

  it('counts what is no answer as failed', async ({ expect }) => {
    const { url, ...rest } = order('nobody', { bytes: 200, isStream: true, delayMs: 0 })
    const figures = await load.run({ ...rest, url, body: '{"messages":[]}', seconds: 0.1 })
    expect(figures.rps).toBe(0)
    expect(figures.failed).toBeGreaterThan(0)
    expect(readOrder('{"messages":[]}')).toBeUndefined()
  })

  it('does not begin while something else is at work', async ({ expect }) => {
    const busy = Array.from({ length: Math.ceil(availableParallelism() / 2) }, () =>
      startProcess(process.execPath, ['-e', 'for (;;);'], { readyUrl: `${provider.url}/models` }),
    )
    const started = await Promise.all(busy)
    await expect(untilQuiet({ force: false, withinMs: 300 })).rejects.toBeInstanceOf(MachineIsLoaded)
    expect(await untilQuiet({ force: true })).toBeGreaterThan(0.1)
    await Promise.all(started.map(({ stop }) => stop()))
  })
})
