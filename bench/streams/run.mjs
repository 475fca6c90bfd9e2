// What Weir adds to a stream: `npm run streams -- [--rounds 5] [--seconds 3] [--streams 1,32,256] [--gaps 10,50] [--only weir]`.
import { existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine } from '../overspend/machine.mjs'
import { startLoad } from './child.mjs'
import { linesOf, pageOf } from './page.mjs'
import { compare, runRounds } from './rounds.mjs'
import { startSubjects } from './subjects.mjs'

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    rounds: { ...text, default: '5' },
    seconds: { ...text, default: '3' },
    streams: { ...text, default: '1,32,256' },
    gaps: { ...text, default: '10,50' },
    only: text,
    json: text,
    markdown: text,
  },
})
// State on tmpfs where there is one: a disk measures its own flushes.
if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

function chosen(subjects) {
  if (!values.only) return subjects
  const names = ['bare', ...values.only.split(';')]
  return Object.fromEntries(names.map(name => [name, subjects[name]]))
}

async function measure(subjects, gapMs) {
  const load = startLoad()
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
  const parts = []
  // Each once before it counts: what is compiled or opened the first time is nobody's overhead.
  await runRounds(subjects, { load, streams: 32, seconds: 1, rounds: 1 })
  for (const streams of values.streams.split(',').map(Number)) {
    const part = { gapMs, streams, subjects: compare(await runRounds(subjects, { load, streams, seconds, rounds })) }
    console.log(linesOf(part).join('\n'))
    parts.push(part)
  }
  load.stop()
  return parts
}

// Every pace has processes of its own, which read it when they start.
async function measureAt(gapMs) {
  process.env.STREAMS_GAP_MS = String(gapMs)
  const { subjects, stop } = await startSubjects()
  return measure(chosen(subjects), gapMs).finally(stop)
}

async function main() {
  const results = []
  for (const gapMs of values.gaps.split(',').map(Number)) results.push(...(await measureAt(gapMs)))
  const { rounds, seconds, gaps } = values
  const command = `npm run streams -- --rounds ${rounds} --seconds ${seconds} --gaps ${gaps}`
  const machine = describeMachine({ command })
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`)
  if (values.markdown) writeFileSync(values.markdown, pageOf(machine, results))
}

await main()
process.exit(0)
