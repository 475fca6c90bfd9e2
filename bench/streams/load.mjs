// Keeps so many streams open for so long, and says how fast they came. A process of its own, told by its parent.
import { setTimeout as sleep } from 'node:timers/promises'
import { CHUNKS, GAP_MS } from './chunks.mjs'
import { quantile } from './quantile.mjs'
import { StreamConnection } from './stream-connection.mjs'

function requestText({ url, headers, body }) {
  const { host, pathname } = new URL(url)
  const all = { host, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

function figuresOf(streams, { seconds, asked }) {
  const firsts = streams.map(one => one.firstMs)
  const delays = streams.flatMap(one => one.delaysMs)
  const both = values => ({ p50: quantile(values, 0.5), p95: quantile(values, 0.95) })
  if (streams.some(one => one.delaysMs.length !== CHUNKS)) throw new Error('a stream is not whole')
  return { rps: streams.length / seconds, asked, streams: streams.length, first: both(firsts), delay: both(delays) }
}

async function run({ subject, streams: width, seconds }) {
  const { hostname: host, port } = new URL(subject.url)
  const request = requestText(subject)
  const connections = Array.from({ length: width }, () => new StreamConnection({ host, port: Number(port), request }))
  const done = []
  let asked = 0
  const rampMs = CHUNKS * GAP_MS
  // From when all are open, until the first is no longer asked again: only what ended in between counts.
  const from = performance.now() + 2 * rampMs
  const until = from + seconds * 1000
  const follow = async (connection, n) => {
    await sleep((n * rampMs) / width)
    while (performance.now() < until) {
      asked++
      const stream = await connection.ask()
      const now = performance.now()
      if (now >= from && now < until) done.push(stream)
    }
  }
  await Promise.all(connections.map(follow))
  for (const connection of connections) connection.close()
  return figuresOf(done, { seconds, asked })
}

process.on('message', order => {
  run(order).then(
    figures => process.send({ figures }),
    failure => process.send({ failure: String(failure.message) }),
  )
})
process.on('disconnect', () => process.exit(0))
