// What Weir adds to a chat completion: `node bench/overhead.mjs [seconds]`. Compares the instant upstream directly with the
// same upstream through Weir as `npm start` serves it (one budget, one request limit, metered, stored), in interleaved
// rounds of one run. State is on tmpfs where there is one: a disk measures its own flushes.
import { existsSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { startWeir } from '../test/support/weir-server.mjs'
import { startInstantUpstream } from './start-upstream.mjs'

const SECONDS = Number(process.argv[2] ?? 5)
const ROUNDS = 3
const CONNECTIONS = [1, 32]
const body = JSON.stringify({
  model: 'openai/gpt-4o-mini',
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Say hello. '.repeat(16) }],
})

if (existsSync('/dev/shm')) process.env.TMPDIR = '/dev/shm'

function post(url, key, agent) {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    authorization: `Bearer ${key}`,
  }
  return new Promise((done, fail) => {
    const sent = request(url, { method: 'POST', agent, headers }, answer => {
      answer.resume()
      answer.on('end', () =>
        answer.statusCode === 200 ? done(undefined) : fail(new Error(`status ${answer.statusCode}`)),
      )
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

async function load(subject, connections, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const latencies = []
  const started = performance.now()
  const connection = async () => {
    while (performance.now() - started < seconds * 1000) {
      const before = performance.now()
      await post(subject.url, subject.key, agent)
      latencies.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: connections }, connection))
  const elapsed = (performance.now() - started) / 1000
  agent.destroy()
  return { latencies, elapsed }
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]

function summarise(runs) {
  const sorted = runs.flatMap(run => run.latencies).sort((a, b) => a - b)
  const elapsed = runs.reduce((sum, run) => sum + run.elapsed, 0)
  return {
    rps: sorted.length / elapsed,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    requests: sorted.length,
  }
}

async function compare(subjects, connections) {
  const runs = Object.fromEntries(subjects.map(subject => [subject.name, []]))
  for (const subject of subjects) await load(subject, connections, 1)
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) runs[subject.name].push(await load(subject, connections, SECONDS / ROUNDS))
  }
  return Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, summarise(list)]))
}

function print(connections, { upstream, weir }) {
  const ms = value => `${value.toFixed(2)} ms`
  const line = (name, figures) =>
    `  ${name.padEnd(9)} ${figures.rps.toFixed(0).padStart(6)} rps   p50 ${ms(figures.p50)}   p99 ${ms(figures.p99)}`
  console.log(`${connections} connection${connections > 1 ? 's' : ''}`)
  console.log(line('upstream', upstream))
  console.log(line('weir', weir))
  console.log(
    `  added     p50 ${ms(weir.p50 - upstream.p50)}   p99 ${ms(weir.p99 - upstream.p99)}   ratio ${(weir.rps / upstream.rps).toFixed(3)}`,
  )
}

const upstream = await startInstantUpstream()
const weir = await startWeir({ upstreamUrl: upstream.url })
try {
  const rate_limit = { request_max_limit: 1e9, request_reset_duration: '1h' }
  const key = await weir.admin.createKey({ budgetUsd: 100_000, rate_limit })
  const subjects = [
    { name: 'upstream', url: `${upstream.url}/chat/completions`, key: 'none' },
    { name: 'weir', url: `${weir.baseUrl}/v1/chat/completions`, key: key.value },
  ]
  for (const connections of CONNECTIONS) print(connections, await compare(subjects, connections))
} finally {
  await weir.dispose()
  upstream.stop()
}
