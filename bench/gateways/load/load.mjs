// Keeps so many connections asking for so long, and says how fast the answers came. A process of its own, told by its parent.
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../../streams/quantile.mjs'
import { GAP_MS, PIECES } from './answers.mjs'
import { Connection } from './connection.mjs'

/** What is asked before all connections are open, and compiled, is not counted. */
const RAMP_MS = 150
const STREAM_MS = PIECES * GAP_MS

function requestText({ url, headers, body }) {
  const { host, pathname } = new URL(url)
  const all = { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function spreadOf(values) {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95), p99: quantile(values, 0.99) }
}

function figuresOf(answers, { seconds, asked, isStream }) {
  const good = answers.filter(answer => answer.status === 200 && (!isStream || answer.firstMs !== undefined))
  const first = isStream && { first: spreadOf(good.map(answer => answer.firstMs)) }
  const failed = answers.length - good.length
  return { rps: good.length / seconds, asked, failed, whole: spreadOf(good.map(answer => answer.ms)), ...first }
}

function opened({ url, ...rest }) {
  const { hostname: host, port } = new URL(url)
  return new Connection({ host, port: Number(port), ...rest })
}

/** `connections` of them ask until `seconds` are over that began when all were open. */
async function run({ url, headers, body, connections, seconds, isStream, delayMs }) {
  const request = requestText({ url, headers, body })
  const rampMs = RAMP_MS + (isStream ? STREAM_MS + delayMs : delayMs)
  const from = performance.now() + rampMs
  const until = from + seconds * 1000
  const answers = []
  let asked = 0
  const follow = async n => {
    // Streams that begin at once would send at once for ever.
    if (isStream) await sleep((n * STREAM_MS) / connections)
    let connection = opened({ url, request, isStream })
    while (performance.now() < until) {
      asked++
      const answer = await connection.ask().catch(() => ({ status: 0 }))
      const now = performance.now()
      if (now >= from && now < until) answers.push(answer)
      if (answer.status === 0) connection = opened({ url, request, isStream })
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: connections }, (_, n) => follow(n)))
  return figuresOf(answers, { seconds, asked, isStream })
}

process.on('message', order => {
  run(order).then(
    figures => process.send({ figures }),
    failure => process.send({ failure: String(failure.stack) }),
  )
})
process.on('disconnect', () => process.exit(0))
