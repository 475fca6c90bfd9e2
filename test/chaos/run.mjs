// Kills the whole server at chosen instants, again and again, on the same state, and does the sums after each.
// npm run chaos -- --count 20 --seed 7 [--wait 30, in seconds, for events to be listed]
import { parseArgs } from 'node:util'
import { tallyLine } from '../../scripts/tally.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'
import { KINDS } from './kinds.mjs'
import { HOLD_MS, runOnce } from './run-once.mjs'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20' },
    seed: { type: 'string' },
    wait: { type: 'string', default: '30' },
  },
})
const count = Number(values.count)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const waitMs = Number(values.wait) * 1000

function lineOf({ how, sent, billed, events, keys, team, listedMs }) {
  const assumed = events.filter(event => event.outcome === 'assumed').length
  const refused = sent.filter(call => call.status === 429).length
  const counter = keys.reduce((sum, key) => sum + key.counterNano, 0)
  return [
    `killed ${how}: ${sent.length} requests, ${refused} refused, ${billed.size} reached; listed in ${listedMs} ms`,
    `${events.length} events, ${assumed} assumed; counter ${counter}, team ${team.counterNano}`,
  ].join('; ')
}

// The kinds take turns, and a seed says which begins, so that each is sometimes the last.
function kindOf(run) {
  return KINDS[(seed + run) % KINDS.length]
}

async function runAll(place) {
  const runs = []
  for (let run = 0; run < count; run++) {
    const kind = kindOf(run)
    const name = `chaos-${seed}-${run}`
    const done = await runOnce(place, kind, { name, seed: seed * 1000 + run, waitMs })
    console.log(`${run + 1} of ${count}, ${kind.name}; ${lineOf(done)}`)
    runs.push({ name, ...done })
  }
  return runs
}

function tally(runs) {
  const promises = runs[0]?.results.map(([promise]) => promise) ?? []
  return promises.map((promise, index) => [
    promise,
    runs.flatMap(({ name, results }) => results[index][1].map(broken => `${name}: ${broken}`)),
  ])
}

async function main() {
  console.log(`chaos: ${count} runs, seed ${seed}`)
  const upstream = await startUpstream()
  const weir = await startWeir({ upstreamUrl: upstream.baseUrl, env: { HOLD_MS: String(HOLD_MS) } })
  try {
    return tally(await runAll({ weir, upstream }))
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
process.exit(passed === results.length && passed > 0 ? 0 : 1)
