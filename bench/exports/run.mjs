// Exports from a server whose isolates have the platform's memory, each of them killed half-way once as well:
// `npm run exports -- [--events 100000,1000000] [--heap-mb 128] [--json FILE] [--markdown FILE]`.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startWeir } from '../../test/support/weir-server.mjs'
import { describeMachine } from '../overspend/machine.mjs'
import { exportOnce } from './export-once.mjs'
import { fillEvents } from './fill.mjs'
import { inspectedWorkerd } from './inspected.mjs'
import { pageOf } from './page.mjs'

const DAY_MS = 86_400_000
const DAYS = 30
const KINDS = {
  CSV: { format: 'csv' },
  NDJSON: { format: 'ndjson' },
  JSON: { format: 'json' },
  'FOCUS 1.4, CSV': { dataset: 'focus' },
}
const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    events: { ...text, default: '100000,1000000' },
    'heap-mb': { ...text, default: '128' },
    json: text,
    markdown: text,
  },
})
const counts = values.events.split(',').map(Number)
const heapMb = Number(values['heap-mb'])
const say = line => console.error(line)
const iso = ms => new Date(ms).toISOString()

async function fill(weir, events) {
  const startMs = Date.now() - (DAYS + 1) * DAY_MS
  const { data } = await weir.admin.call('GET', '/v1/tenant')
  await weir.kill9()
  const costNano = fillEvents(weir.home, { tenantId: data.id, events, startMs, spanMs: DAYS * DAY_MS })
  await weir.restart()
  return { costNano, range: { start_date: iso(startMs - DAY_MS), end_date: iso(Date.now()) } }
}

const most = (samples, name) => Math.max(...samples.map(one => one[name]))

async function watched(weir, isolate, body) {
  const watch = isolate.watch()
  const whole = await exportOnce(weir, body)
  const samples = await watch.end()
  return { ...whole, looks: samples.length, heapMb: most(samples, 'heapMb'), buffersMb: most(samples, 'buffersMb') }
}

async function measureKind(weir, isolate, { name, body, events, costNano }) {
  const whole = await watched(weir, isolate, body)
  const killed = await exportOnce(weir, body, (whole.seconds * 1000) / 2)
  const isSame = killed.left.length === 1 && killed.file.sha256 === whole.file.sha256
  const isWhole = whole.events === events && whole.fileNano === costNano && Math.round(whole.costUsd * 1e9) === costNano
  const held = `${whole.heapMb.toFixed(1)} + ${whole.buffersMb.toFixed(1)} MB (${whole.looks} looks)`
  say(
    `${name}, ${events} events: ${whole.seconds.toFixed(1)} s, ${held}, sums ${isWhole}, killed at ${JSON.stringify(killed.left)} the same ${isSame}`,
  )
  return { name, events, ...whole, isSame, isWhole, left: killed.left[0] }
}

async function measure(events) {
  const isolate = await inspectedWorkerd(heapMb)
  const weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:9', env: isolate.env })
  try {
    const { costNano, range } = await fill(weir, events)
    const kinds = []
    for (const [name, fields] of Object.entries(KINDS)) {
      kinds.push(await measureKind(weir, isolate, { name, body: { ...range, ...fields }, events, costNano }))
    }
    // The last thing that this isolate does.
    return { events, kinds, survivesHolding: await isolate.hold(events) }
  } finally {
    await weir.dispose()
    isolate.remove()
  }
}

const results = []
for (const events of counts) results.push(await measure(events))
const options = `--events ${values.events} --heap-mb ${heapMb}`
const machine = describeMachine({ command: `npm run exports -- ${options}` })
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, heapMb, results }, null, 2)}\n`)
if (values.markdown) writeFileSync(values.markdown, pageOf(machine, { heapMb, results }))
process.exitCode = results.every(({ kinds }) => kinds.every(one => one.isSame && one.isWhole)) ? 0 : 1
