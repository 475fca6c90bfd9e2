// Kills the whole server in mid-stream, again and again, on the same state; then counts.
// npm run chaos -- --count 20 --seed 7
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { tallyLine } from '../../scripts/tally.mjs'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'
import { billedById, randomFrom, sendCall } from './load.mjs'
import { counterOf, verify } from './verify.mjs'

const HOLD_MS = 3000
const CALLS_PER_ROUND = 6
const BUDGET_USD = 100

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20' }, seed: { type: 'string' } },
})
const count = Number(values.count)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const random = randomFrom(seed)

// Mostly everything at once; sometimes one half, or a start that is itself cut short.
const KILLS = {
  everything: async weir => {
    await weir.kill9()
    await weir.restart()
  },
  'node alone': async weir => {
    await weir.killNode9()
    await weir.restart()
  },
  'workerd alone': weir => weir.killWorkerd9(),
  'everything, and the start after it': async weir => {
    await weir.kill9()
    const start = weir.restart().catch(() => undefined)
    await sleep(random() * 1500)
    await weir.kill9()
    await start
    await weir.restart()
  },
}

function pickKill() {
  const names = Object.keys(KILLS)
  return random() < 0.5 ? names[0] : names[Math.floor(random() * names.length)]
}

async function killOnce(weir, virtualKey, round) {
  const target = { baseUrl: weir.baseUrl, virtualKey }
  const ids = Array.from({ length: CALLS_PER_ROUND }, (_, index) => `chaos-${seed}-${round}-${index}`)
  const calls = ids.map(async id => {
    await sleep(random() * 300)
    return sendCall(target, id, random)
  })
  await sleep(50 + random() * 1200)
  const kind = pickKill()
  await KILLS[kind](weir)
  return { kind, calls: await Promise.all(calls) }
}

async function killAll(weir, virtualKey) {
  const sent = []
  for (let round = 0; round < count; round++) {
    const started = Date.now()
    const { kind, calls } = await killOnce(weir, virtualKey, round)
    sent.push(...calls)
    const whole = calls.filter(call => call.isWhole).length
    console.log(
      `kill ${round + 1} of ${count} (${kind}): ${whole} of ${calls.length} answered; up again (${Date.now() - started} ms)`,
    )
  }
  return sent
}

async function settledEvents(weir, keyId, reached) {
  const list = () => weir.admin.listEvents({ virtual_key_id: keyId })
  await sleep(HOLD_MS * 2)
  // What the queue lost is shipped again after a minute (RESEND_MS of the meter's outbox), so it is waited for longer.
  await until(list, events => reached.every(id => events.some(event => event.request_id === id)), 150_000).catch(
    () => {},
  )
  // Corrections of what was assumed, and what comes twice, would come now.
  await sleep(2000)
  return list()
}

/** A request that needs all that is left passes only where nothing is held. */
async function needsTheRest(weir, key) {
  const spent = counterOf(await weir.admin.getKey(key.id))
  const probe = await weir.admin.createKey({ budgetUsd: 1 })
  await sendCall({ baseUrl: weir.baseUrl, virtualKey: probe.value }, 'probe', () => 0.5)
  const [event] = await until(
    () => weir.admin.listEvents({ virtual_key_id: probe.id }),
    events => events.length > 0,
  )
  const max_limit = (spent + event.held_nano) / 1e9
  await weir.admin.updateKey(key.id, { budgets: [{ max_limit, reset_duration: '1M' }] })
  const { status } = await sendCall({ baseUrl: weir.baseUrl, virtualKey: key.value }, 'probe', () => 0.5)
  return status === 200 ? [] : [`answered ${status}`]
}

function report(sent, billed, events) {
  const outcomes = Object.groupBy(events, event => event.outcome)
  const shown = Object.entries(outcomes).map(([name, of]) => `${of.length} ${name}`)
  const unreached = sent.filter(call => !billed.has(call.id))
  const charged = unreached.filter(call => events.some(event => event.request_id === call.id))
  console.log(`seed ${seed}: ${count} kills, ${sent.length} requests, ${billed.size} reached the provider`)
  console.log(
    `${events.length} events: ${shown.join(', ')}; ${charged.length} of ${unreached.length} that did not reach it`,
  )
}

const TEAMS = '/api/governance/teams'

// The key's requests are also counted by its team's budget object, which lends to the key's meter.
async function createTeam(weir) {
  const budgets = [{ max_limit: BUDGET_USD, reset_duration: '1M' }]
  return (await weir.admin.call('POST', TEAMS, { name: `chaos-${crypto.randomUUID()}`, budgets })).team
}

async function teamDiffers(weir, { id }, counterNano) {
  const teamNano = counterOf((await weir.admin.call('GET', `${TEAMS}/${id}`)).team)
  return teamNano === counterNano ? [] : [`${teamNano} is not ${counterNano}`]
}

async function main() {
  console.log(`chaos: ${count} kills, seed ${seed}`)
  const upstream = await startUpstream()
  const weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { HOLD_MS: String(HOLD_MS) } })
  try {
    const team = await createTeam(weir)
    const key = await weir.admin.createKey({ budgetUsd: BUDGET_USD, team_id: team.id })
    const sent = await killAll(weir, key.value)
    const billed = billedById(upstream.calls)
    const events = await settledEvents(weir, key.id, [...billed.keys()])
    const counterNano = counterOf(await weir.admin.getKey(key.id))
    report(sent, billed, events)
    const results = verify({ sent, billed, events, counterNano })
    results.push(["the team's counter is the same, whatever lease was out", await teamDiffers(weir, team, counterNano)])
    results.push(['no hold is left: a request that needs all that remains passes', await needsTheRest(weir, key)])
    return results
  } finally {
    await weir.dispose()
    await upstream.stop()
  }
}

const results = await main()
for (const [promise, broken] of results) {
  console.log(
    `${broken.length === 0 ? 'ok    ' : 'FAILED'}  ${promise}${broken.map(one => `\n          ${one}`).join('')}`,
  )
}
const passed = results.filter(([, broken]) => broken.length === 0).length
console.log(tallyLine({ passed, failed: results.length - passed }))
process.exit(passed === results.length ? 0 : 1)
