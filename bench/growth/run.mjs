// How limits above the key grow, simulated: `npm run growth -- [--quick] [--seed 1] [--json FILE] [--markdown FILE]`.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { casesOf, fanOuts } from './cases.ts'
import { figuresOf } from './figures.ts'
import { measureFanOut, measureOwner } from './measure.ts'
import { pageOf } from './page.ts'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seed: { ...text, default: '1' },
    json: text,
    markdown: text,
    from: text,
  },
})

function runCase(one) {
  const started = performance.now()
  const figures = figuresOf(one)
  const { keys, regions, demand, callsPerThousand, falseRefusals, overspend } = figures
  const name = `${keys} keys, ${regions} regions, ${demand}`
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const calls = `${callsPerThousand.toFixed(1)} owner calls per 1,000`
  console.log(`${name}: ${calls}, false refusals ${falseRefusals}, overspend ${overspend} (${seconds} s)`)
  return figures
}

function runAll() {
  const started = performance.now()
  const isQuick = values.quick
  // First, while nothing else is in memory.
  const owners = [1000, 10_000, 100_000, 700_000].map(measureOwner)
  const fanOut = fanOuts(isQuick).map(meters => measureFanOut(meters, 7))
  const cases = casesOf(isQuick, Number(values.seed)).map(runCase)
  const command = `npm run growth -- ${isQuick ? '--quick ' : ''}--seed ${values.seed} --markdown docs/growth.md`
  const machine = describeMachine({ command })
  return { machine, seconds: (performance.now() - started) / 1000, cases, owners, fanOuts: fanOut }
}

// The page can be written again from the figures of an earlier run.
const run = values.from ? JSON.parse(readFileSync(values.from, 'utf8')) : runAll()
if (values.json) writeFileSync(values.json, `${JSON.stringify(run, null, 2)}\n`)
if (values.markdown) writeFileSync(values.markdown, pageOf(run))
const isBroken = run.cases.some(one => one.falseRefusals > 0 || one.overspend > 0)
console.log(isBroken ? 'BROKEN: a promise was broken' : 'no overspend, no false refusal')
process.exit(isBroken ? 1 : 0)
