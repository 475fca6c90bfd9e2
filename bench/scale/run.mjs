// How what a governed request takes grows: `npm run bench:scale -- [--only keys] [--most 1000] [--json FILE] [--markdown FILE]`.
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { startInstantUpstream } from '../start-upstream.mjs'
import { AXES } from './axes.mjs'
import { measureAxis } from './measure.mjs'
import { axisTable, pageOf } from './page.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    only: text,
    most: { ...text, default: 'Infinity' },
    rounds: { ...text, default: '5' },
    requests: { ...text, default: '200' },
    force: { type: 'boolean', default: false },
    json: text,
    markdown: text,
  },
})
/** Timings were left out, since something else used the machine. */
const LOADED = 3
// State on tmpfs where there is one: a disk measures its own flushes.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

const settings = { rounds: Number(values.rounds), requests: Number(values.requests), force: values.force }

async function measureAll(upstreamUrl) {
  const axes = []
  for (const name of values.only?.split(',') ?? Object.keys(AXES)) {
    const axis = AXES[name]
    if (!axis) throw new Error(`--only ${name}: one of ${Object.keys(AXES).join(', ')} is needed`)
    const cases = axis.cases.filter(value => value <= Number(values.most))
    const results = await measureAxis(axis, { ...settings, cases, upstreamUrl })
    axes.push({ name, results })
    console.log(`${axisTable({ name, results }).join('\n')}\n`)
  }
  return axes
}

function commandOf({ json: _, markdown: __, ...shown }) {
  const options = Object.entries(shown).filter(([, value]) => value && value !== 'Infinity')
  return [
    'npm run bench:scale --',
    ...options.map(([name, value]) => (value === true ? `--${name}` : `--${name} ${value}`)),
  ].join(' ')
}

async function main() {
  const upstream = await startInstantUpstream()
  const axes = await measureAll(upstream.url).finally(() => upstream.stop())
  const run = { machine: describeMachine({ command: commandOf(values) }), settings, axes }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(run, null, 1)}\n`)
  if (values.markdown) writeFileSync(values.markdown, pageOf(run))
  const rounds = axes.flatMap(({ results }) => results.flatMap(one => one.rounds))
  return rounds.some(({ busy }) => busy > 0) && !values.force ? LOADED : 0
}

process.exit(
  await main().catch(failure => {
    console.error(failure)
    return 1
  }),
)
