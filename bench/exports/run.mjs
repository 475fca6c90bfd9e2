// Exports of a million events from a server that is really started, one of them killed half-way:
// `npm run exports -- [--events 1000000] [--days 30] [--json FILE]`.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startWeir } from '../../test/support/weir-server.mjs'
import { describeMachine } from '../overspend/machine.mjs'
import { fillEvents } from './fill.mjs'
import { watchMemory } from './memory.mjs'

const DAY_MS = 86_400_000
const text = { type: 'string' }
const { values } = parseArgs({
  options: { events: { ...text, default: '1000000' }, days: { ...text, default: '30' }, json: text },
})
const events = Number(values.events)
const days = Number(values.days)
const say = line => console.error(line)
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

async function ask(weir, [method, path, body]) {
  const headers = { authorization: `Bearer ${weir.adminKey}`, 'content-type': 'application/json' }
  const response = await fetch(weir.baseUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
  return answer
}

// Counts and hashes without holding the file.
async function download(url) {
  const hash = createHash('sha256')
  let [bytes, lines] = [0, 0]
  for await (const chunk of (await fetch(url)).body) {
    hash.update(chunk)
    bytes += chunk.length
    for (const byte of chunk) if (byte === 10) lines += 1
  }
  return { bytes, lines, sha256: hash.digest('hex') }
}

async function exportOnce(weir, body, killAt = Number.POSITIVE_INFINITY) {
  const memory = watchMemory(weir.home)
  const started = performance.now()
  const { id } = await ask(weir, ['POST', '/v1/exports', body])
  let kills = 0
  for (;;) {
    const shown = await ask(weir, ['GET', `/v1/exports/${id}`])
    if (shown.status === 'failed') throw new Error(shown.error)
    if (shown.status === 'completed') {
      memory.stop()
      const seconds = (performance.now() - started) / 1000
      const { rows, events: read, cost_usd, download_url } = shown
      return { seconds, kills, rows, events: read, cost_usd, ...memory.seen, file: await download(download_url) }
    }
    if (kills === 0 && shown.events >= killAt) {
      say(`kill -9 at ${shown.events} events`)
      await weir.kill9()
      await weir.restart()
      kills += 1
    }
    await pause(100)
  }
}

function tell(name, { seconds, kills, rows, events: read, startMb, peakMb, file }) {
  const took = `${seconds.toFixed(1)} s${kills > 0 ? ` with ${kills} kill` : ''}`
  const memory = `workerd ${startMb.toFixed(0)} MB, at most ${peakMb.toFixed(0)} MB`
  say(`${name}: ${read} events, ${rows} rows, ${(file.bytes / 1e6).toFixed(1)} MB in ${took}; ${memory}`)
}

async function run(weir) {
  const startMs = Date.now() - (days + 1) * DAY_MS
  const { data } = await ask(weir, ['GET', '/v1/tenant'])
  await weir.kill9()
  const filled = performance.now()
  const costNano = fillEvents(weir.home, { tenantId: data.id, events, startMs, spanMs: days * DAY_MS })
  say(`${events} events written in ${((performance.now() - filled) / 1000).toFixed(1)} s`)
  await weir.restart()
  const iso = ms => new Date(ms).toISOString()
  const range = { start_date: iso(startMs - DAY_MS), end_date: iso(Date.now()) }
  const whole = await exportOnce(weir, { ...range, format: 'csv' })
  tell('csv', whole)
  const focus = await exportOnce(weir, { ...range, dataset: 'focus' })
  tell('focus 1.4', focus)
  const killed = await exportOnce(weir, { ...range, format: 'csv' }, events / 2)
  tell('csv, killed half-way', killed)
  const isSame = killed.file.sha256 === whole.file.sha256
  const isWhole = whole.events === events && whole.cost_usd === costNano / 1e9 && whole.file.lines === events + 1
  say(`the killed one is ${isSame ? 'the same file' : 'ANOTHER FILE'}; the first is ${isWhole ? 'whole' : 'NOT WHOLE'}`)
  return { events, days, machine: describeMachine(), whole, focus, killed, isSame, isWhole }
}

const weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:9' })
try {
  const result = await run(weir)
  if (values.json) writeFileSync(values.json, JSON.stringify(result, null, 2))
  process.exitCode = result.isSame && result.isWhole ? 0 : 1
} finally {
  await weir.dispose()
}
