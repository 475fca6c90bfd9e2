import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startWeir } from '../support/weir-server.mjs'

const CONNECTIONS = 64
const EACH = 4
/** Of the plan `free`. */
const LIMIT = 60
const SETUP_TOKEN = 'setup-token-of-the-rate-test'

let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  const env = { DEFAULT_PLAN: 'free', WEIR_SETUP_TOKEN: SETUP_TOKEN }
  weir = await startWeir({ upstreamUrl: 'http://127.0.0.1:1', env })
})

afterAll(() => weir?.dispose())

async function newTenant(): Promise<string> {
  const headers = { authorization: `Bearer ${SETUP_TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ tenant_name: crypto.randomUUID() })
  const response = await fetch(`${weir.baseUrl}/v1/setup`, { method: 'POST', headers, body })
  const { data } = (await response.json()) as { data: { admin_key: string } }
  return data.admin_key
}

type Answer = { status: number; headers: IncomingHttpHeaders; body: string; ms: number; port: number | undefined }

function ask(key: string, agent: Agent): Promise<Answer> {
  const startMs = performance.now()
  return new Promise((resolve, reject) => {
    const sent = request(
      `${weir.baseUrl}/v1/limits`,
      { agent, headers: { authorization: `Bearer ${key}` } },
      answer => {
        // Read now: a socket that goes back to its agent is no longer the answer's.
        const port = answer.socket.localPort
        const { statusCode: status = 0, headers } = answer
        const done = (body: string) => resolve({ status, headers, body, ms: performance.now() - startMs, port })
        text(answer).then(done, reject)
      },
    )
    sent.once('error', reject)
    sent.end()
  })
}

/** `EACH` requests after one another on every one of the connections, all connections at once. */
async function flood(key: string): Promise<Answer[]> {
  const one = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answers: Answer[] = []
    for (let n = 0; n < EACH; n += 1) answers.push(await ask(key, agent))
    agent.destroy()
    return answers
  }
  return (await Promise.all(Array.from({ length: CONNECTIONS }, one))).flat()
}

function median(answers: Answer[]): number {
  return answers.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(answers.length / 2)] ?? 0
}

describe('the management API under more requests than a plan allows', () => {
  it('grants exactly the limit of a minute to 64 connections, each of its requests once', async ({ expect }) => {
    const answers = await flood(await newTenant())
    expect(new Set(answers.map(({ port }) => port)).size).toBe(CONNECTIONS)
    // Every answer says which minute it was counted in, so that a turn of the minute on the way changes nothing.
    const minutes = Map.groupBy(answers, ({ headers }) => Number(headers['x-ratelimit-reset']))
    expect(minutes.size).toBeLessThanOrEqual(2)
    for (const [reset, all] of minutes) {
      expect(reset % 60).toBe(0)
      const granted = all.filter(({ status }) => status === 200)
      const left = granted.map(({ headers }) => Number(headers['x-ratelimit-remaining'])).sort((a, b) => b - a)
      expect(left).toEqual(Array.from({ length: Math.min(LIMIT, all.length) }, (_, n) => LIMIT - 1 - n))
      for (const refused of all.filter(one => !granted.includes(one))) {
        expect(refused).toMatchObject({
          status: 429,
          headers: { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0' },
        })
        expect(JSON.parse(refused.body).code).toBe('rate_limited')
        expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
      }
    }
  })

  it('answers another tenant meanwhile, no later than those who flood it', async ({ expect }) => {
    const [busy, calm] = [await newTenant(), await newTenant()]
    await flood(busy)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let isOver = false
    const flooding = flood(busy).finally(() => {
      isOver = true
    })
    const others: Answer[] = []
    while (!isOver && others.length < LIMIT) others.push(await ask(calm, agent))
    agent.destroy()
    const answers = await flooding
    expect(others.length).toBeGreaterThan(2)
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 200))
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(CONNECTIONS * EACH - LIMIT)
    // All of them wait for the same machine; what is compared is whether one tenant also waits for the other's counter.
    expect(median(others)).toBeLessThan(2 * median(answers))
  })
})
