// A million events through the real consumer, and what the API takes to answer about them:
// `npm run events -- [--events 1000000] [--tenants 3] [--days 30] [--seed 1] [--rounds 40] [--only TEXT] [--state DIR [--again]] [--json FILE] [--markdown FILE]`.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { checkTotals } from './check-totals.mjs'
import { ENDPOINTS } from './endpoints.mjs'
import { openLedger } from './ledger.mjs'
import { load, rollUp } from './load.mjs'
import { measureEndpoint } from './measure.mjs'
import { pageOf } from './page.mjs'
import { startWorker } from './start.mjs'
import { openTenants } from './tenants.mjs'
import { openWaves } from './waves.mjs'

const DAY_MS = 86_400_000
/** Where a filled server's tenants and figures are, in its directory. */
const FILLED = 'filled.json'
const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    events: { ...text, default: '1000000' },
    tenants: { ...text, default: '3' },
    days: { ...text, default: '30' },
    end: { ...text, default: '2026-11-01' },
    seed: { ...text, default: '1' },
    rounds: { ...text, default: '40' },
    state: text,
    again: { type: 'boolean', default: false },
    only: { ...text, default: '' },
    json: text,
    markdown: text,
    from: text,
  },
})
const say = line => console.error(line)
const rate = ({ events, seconds }) =>
  `${events} events in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)} a second`

// What an earlier run has left under `--state`, to be asked again.
async function reopen(home, { days, endMs }) {
  const { tenants, fill } = JSON.parse(readFileSync(join(home, FILLED), 'utf8'))
  const worker = await startWorker(home)
  return { server: { worker, tenants, ledger: { size: fill.events }, startMs: endMs - days * DAY_MS, endMs }, fill }
}

async function openFilled(home, setting) {
  if (values.again) return reopen(home, setting)
  const server = await openServer(home, setting)
  const filled = await fill(server)
  if (values.state) writeFileSync(join(home, FILLED), JSON.stringify({ tenants: server.tenants, fill: filled }))
  return { server, fill: filled }
}

async function openServer(home, { events, days, endMs, seed }) {
  const worker = await startWorker(home)
  const tenants = await openTenants(worker, Number(values.tenants))
  const ledger = openLedger(events)
  const waves = openWaves({ tenants, events, days, endMs, seed }, ledger)
  return { worker, tenants, ledger, waves, startMs: endMs - days * DAY_MS, endMs }
}

// Answers have to be the same while hours are dirty as when they are summed: late events are checked before and after.
async function fill(server) {
  const { worker, waves } = server
  const loaded = await load(worker, waves.first())
  say(`loaded ${rate(loaded)}`)
  const rolledUp = await rollUp(worker)
  say(`rolled up in ${rolledUp.seconds.toFixed(1)} s`)
  const late = await load(worker, waves.after())
  say(`late and revised: ${rate(late)}`)
  const whileDirty = await checkTotals(server, ENDPOINTS)
  const rolledUpAgain = await rollUp(worker)
  const whenClean = await checkTotals(server, ENDPOINTS)
  for (const flaw of [...whileDirty.flaws, ...whenClean.flaws].slice(0, 20)) say(`DIFFERS: ${flaw}`)
  say(`${whileDirty.groups} groups compared while hours were dirty, ${whenClean.groups} when they were clean`)
  return { events: server.ledger.size, loaded, rolledUp, late, rolledUpAgain, whileDirty, whenClean }
}

async function measureAll(servers) {
  const measured = []
  for (const endpoint of ENDPOINTS.filter(({ name }) => name.includes(values.only))) {
    const one = await measureEndpoint(servers, endpoint, Number(values.rounds))
    say(`${one.name}: ${one.sizes.map(({ events, p95 }) => `p95 ${p95.toFixed(1)} ms at ${events}`).join(', ')}`)
    measured.push(one)
  }
  return measured
}

async function runIn(home) {
  const setting = { days: Number(values.days), endMs: Date.parse(values.end), seed: Number(values.seed) }
  const sizes = [Number(values.events) / 10, Number(values.events)].map(Math.round)
  const servers = []
  const fills = []
  try {
    for (const events of sizes) {
      const filled = await openFilled(join(home, String(events)), { ...setting, events })
      servers.push(filled.server)
      fills.push(filled.fill)
    }
    return { fills, endpoints: await measureAll(servers) }
  } finally {
    await Promise.all(servers.map(({ worker }) => worker.stop()))
  }
}

async function run() {
  const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  if (values.state) mkdirSync(values.state, { recursive: true })
  const home = values.state ?? mkdtempSync(join(scratch, 'weir-events-'))
  try {
    // Without the names of files, which are nobody else's.
    const { json: _, markdown: __, state: ___, from: ____, again: _____, ...asked } = values
    const shown = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''))
    const options = Object.entries(shown).map(([name, value]) => `--${name} ${value}`)
    const machine = describeMachine({ command: `npm run events -- ${options.join(' ')}` })
    return { machine, setting: shown, ...(await runIn(home)) }
  } finally {
    if (!values.state) rmSync(home, { recursive: true, force: true })
  }
}

// The page can be written again from the figures of an earlier run.
const result = values.from ? JSON.parse(readFileSync(values.from, 'utf8')) : await run()
const { page, broken } = pageOf(result)
if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
if (values.markdown) writeFileSync(values.markdown, page)
console.log(page)
process.exit(broken.length > 0 ? 1 : 0)
