// Chat completions over many connections: what every measurement of levels sends.
import { Agent, request } from 'node:http'

/** One POST over a kept connection. Answers its status and body as text. */
export function post(url, { agent, headers, body }) {
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
  return new Promise((done, fail) => {
    const sent = request(url, { method: 'POST', agent, headers: all }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', part => (text += part))
      answer.on('end', () => done({ status: answer.statusCode, text }))
    })
    sent.on('error', fail)
    sent.end(body)
  })
}

/** Runs `work(n)` for n = 0, 1, 2 ... on `width` connections, while `goesOn(n)`. Answers how many were run, and seconds. */
export async function overConnections(width, { goesOn, work }) {
  const agent = new Agent({ keepAlive: true, maxSockets: width })
  const started = performance.now()
  let next = 0
  const connection = async () => {
    while (goesOn(next)) await work(next++, agent)
  }
  await Promise.all(Array.from({ length: width }, connection))
  agent.destroy()
  return { count: next, seconds: (performance.now() - started) / 1000 }
}

/** Makes `count` things, eight at a time, in order. */
export async function makeMany(count, make) {
  const made = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const n = next++
      made[n] = await make(n)
    }
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return made
}

/** A little-varying, repeatable number in [0, 1) for the nth request of a seed. */
export function fractionOf(n, seed) {
  const x = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b)
  return ((Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0) % 10_007) / 10_007
}
