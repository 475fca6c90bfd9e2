// Streams whose two ends do not behave: a provider that falls silent, or never ends a line; a client that does not read, or
// has left. What the client gets, what becomes of the provider, what is recorded, and that memory stays bounded.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { lastEvents, startRawUpstream, textEvent } from '../support/raw-upstream.mjs'
import { startVendors } from '../support/vendors/index.mjs'
import { startWeir } from '../support/weir-server.mjs'

const MIB = 1024 * 1024
const HUGE = 64 * MIB
const IDLE_MS = 6000
const DRAIN_MS = 300

let raw: Awaited<ReturnType<typeof startRawUpstream>>
let vendors: Awaited<ReturnType<typeof startVendors>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }
/** Bound by no limit of money or tokens, so that no fuse ends what is far beyond any cap. */
let free: { id: string; value: string }

beforeAll(async () => {
  vendors = await startVendors()
  raw = await startRawUpstream()
  // Groq's address is the raw upstream's: it speaks the same wire.
  const env = { ...vendors.env, GROQ_API_KEY: 'sk-raw', GROQ_BASE_URL: raw.baseUrl }
  const settings = { IDLE_MS: String(IDLE_MS), DRAIN_MS: String(DRAIN_MS) }
  weir = await startWeir({ upstreamUrl: vendors.env.OPENAI_BASE_URL, env: { ...env, ...settings } })
  const names = ['openai', 'anthropic', 'google', 'groq']
  const provider_configs = names.map(provider => ({ provider, allowed_models: ['*'], key_ids: ['*'] }))
  key = await weir.admin.createKey({ budgetUsd: 1000, provider_configs })
  free = await weir.admin.createKey({ provider_configs })
})

afterAll(async () => {
  await weir?.dispose()
  await vendors?.stop()
  await raw?.stop()
})

const nameOf = () => `cell-${crypto.randomUUID()}`

/** The event of a request, once it is recorded. */
async function eventOf(tag: string) {
  const [event] = await until(
    () => weir.admin.listEvents({ request_id: tag }),
    found => found.length > 0,
    30_000,
  )
  return event
}

const MODEL = 'groq/llama-3.1-8b-instant'

/** Opens a stream from the raw upstream; its body is read only where the test reads it. */
function open(user: string, { value }: { value: string } = key, more = {}): Promise<IncomingMessage> {
  const body = JSON.stringify({ model: MODEL, stream: true, user, messages: [{ role: 'user', content: 'Go on.' }] })
  const json = { 'content-type': 'application/json', 'x-request-id': user }
  const headers = { authorization: `Bearer ${value}`, ...json, ...more }
  return new Promise((done, fail) => {
    const sent = request(`${weir.baseUrl}/v1/chat/completions`, { method: 'POST', headers, agent: false }, done)
    sent.on('error', fail)
    sent.end(body)
  })
}

async function readText(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

describe('a provider that falls silent', () => {
  type Ask = { path: string; model: string; vendor: 'openai' | 'anthropic' | 'google'; rest: object; end: RegExp }
  const messages = (tag: string) => [{ role: 'user', content: `[${tag}] Please stall now.` }]
  const ASKS: Record<string, (tag: string) => Ask> = {
    chat: tag => ({
      path: '/v1/chat/completions',
      model: 'openai/gpt-4o-mini',
      vendor: 'openai',
      rest: { stream: true, messages: messages(tag) },
      end: /\n\ndata: \{"error":\{"message":"Provider 'openai' has sent nothing for 6 s\.","type":"server_error","param":null,"code":"provider_silent"\}\}\n\n$/,
    }),
    responses: tag => ({
      path: '/v1/responses',
      model: 'openai/gpt-4o-mini',
      vendor: 'openai',
      rest: { stream: true, input: `[${tag}] Please stall now.`, store: false },
      end: /\n\nevent: error\ndata: \{"type":"error","code":"provider_silent",.*"error":\{.*\}\}\n\n$/,
    }),
    messages: tag => ({
      path: '/v1/messages',
      model: 'anthropic/claude-haiku-4-5',
      vendor: 'anthropic',
      rest: { stream: true, max_tokens: 500, messages: messages(tag) },
      end: /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"timeout_error",.*"error_code":"provider_silent".*\}\}\n\n$/,
    }),
    generateContent: tag => ({
      path: '/v1beta/models/google/gemini-2.5-flash:streamGenerateContent?alt=sse',
      model: '',
      vendor: 'google',
      rest: { contents: [{ role: 'user', parts: [{ text: `[${tag}] Please stall now.` }] }] },
      end: /\n\r?\ndata: \{"error":\{"code":504,.*\}\}\r\n\r\n$/,
    }),
    'messages, translated': tag => ({
      path: '/v1/messages',
      model: 'openai/gpt-4o-mini',
      vendor: 'openai',
      rest: { stream: true, max_tokens: 500, messages: messages(tag) },
      end: /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"timeout_error",.*\}\}\n\n$/,
    }),
  }

  it.concurrent.for(Object.entries(ASKS))(
    'is given up: the client is told on its wire, and charged by our count (%s)',
    async ([, askOf], { expect }) => {
      const tag = nameOf()
      const { path, model, vendor, rest, end } = askOf(tag)
      const headers = {
        authorization: `Bearer ${key.value}`,
        'content-type': 'application/json',
        'x-request-id': tag,
        'anthropic-version': '2023-06-01',
      }
      const body = JSON.stringify({ ...(model && { model }), ...rest })
      const text = await (await fetch(weir.baseUrl + path, { method: 'POST', headers, body })).text()
      expect(text).toMatch(end)
      const [call] = vendors.vendors[vendor].callsOf(tag)
      await until(
        async () => call.isAborted,
        isAborted => isAborted,
      )
      const event = await eventOf(tag)
      expect(event).toMatchObject({ outcome: 'estimated', success: false, status: 200 })
      expect(event.output_tokens).toBeGreaterThan(2)
      expect(event.latency_ms).toBeGreaterThanOrEqual(IDLE_MS)
    },
  )

  it('is given up after the time that its key sets', async ({ expect }) => {
    const provider_configs = [{ provider: 'groq', allowed_models: ['*'], key_ids: ['*'] }]
    const hasty = await weir.admin.createKey({ budgetUsd: 1, provider_configs, reliability: { idle_ms: 400 } })
    const user = nameOf()
    raw.on(user, async ({ write, closed }) => {
      await write(textEvent('One.'))
      await closed
    })
    expect(await readText(await open(user, hasty))).toContain("'groq' has sent nothing for 0.4 s.")
    expect((await eventOf(user)).latency_ms).toBeLessThan(IDLE_MS)
  })

  it('after all has been told is ended as a whole stream, at its true cost', async ({ expect }) => {
    const user = nameOf()
    raw.on(user, async ({ write, closed }) => {
      await write(textEvent('All of it.') + lastEvents(3))
      await closed
    })
    const text = await readText(await open(user))
    expect(text).toMatch(/^data: .*All of it\.[\s\S]*data: \[DONE\]\n\n$/)
    expect(text).not.toContain('error')
    expect(await eventOf(user)).toMatchObject({ outcome: 'ok', success: true, output_tokens: 3 })
  })

  it('is not waited for beyond the drain time once the client has left', async ({ expect }) => {
    const user = nameOf()
    const left = Promise.withResolvers<void>()
    const freed = Promise.withResolvers<number>()
    raw.on(user, async ({ write, closed }) => {
      await write(textEvent('One.'))
      await left.promise
      // workerd tells a Worker that its client has left with the next bytes.
      for (let n = 0; n < 3; n++) {
        await write(textEvent('Two.'))
        await sleep(50)
      }
      const begun = performance.now()
      await closed
      freed.resolve(performance.now() - begun)
    })
    const answer = await open(user)
    await new Promise(done => answer.once('data', done))
    answer.destroy()
    left.resolve()
    expect(await freed.promise).toBeLessThan(IDLE_MS - 1000)
    expect(await eventOf(user)).toMatchObject({ outcome: 'estimated', success: false })
  })
})

describe('a stream that was read up to its first token', () => {
  it('is given to the client whole, at its true cost', async ({ expect }) => {
    const user = nameOf()
    const text = `: hello\n\n${textEvent('')}${textEvent('Grüezi 👋🏽')}${textEvent(' and on')}`
    raw.on(user, async ({ write }) => {
      for (const byte of Buffer.from(text)) await write(Buffer.from([byte]))
      await write(lastEvents(9))
    })
    const got = await readText(await open(user, key, { 'x-weir-first-token-ms': '30000' }))
    const events = lastEvents(9).split(/(?<=\n\n)/)
    // The client did not ask for the usage.
    expect(got).toBe(text + events.filter(event => !event.includes('"usage"')).join(''))
    expect(await eventOf(user)).toMatchObject({ outcome: 'ok', success: true, output_tokens: 9 })
  })
})

/** The memory that workerd has in use, where the system tells. */
function residentMib(): number | undefined {
  try {
    const pid = readFileSync(join(weir.home, 'serve.lock', 'workerd'), 'utf8')
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kib === undefined ? undefined : Number(kib) / 1024
  } catch {
    return undefined
  }
}

describe('a huge stream', () => {
  /** Answers a call with all of it, and keeps count and hash of what was taken. */
  function pour(user: string) {
    const event = textEvent('x'.repeat(16 * 1024))
    const hash = createHash('sha256')
    const seen = { taken: () => 0, hash: '' }
    raw.on(user, async call => {
      seen.taken = () => call.taken
      while (call.taken < HUGE && (await call.write(event))) hash.update(event)
      await call.write('data: [DONE]\n\n')
      seen.hash = hash.update('data: [DONE]\n\n').digest('hex')
    })
    return seen
  }

  async function hashOf(answer: IncomingMessage): Promise<{ hash: string; peakMib: number }> {
    const hash = createHash('sha256')
    let peakMib = 0
    for await (const part of answer) {
      hash.update(part)
      peakMib = Math.max(peakMib, residentMib() ?? 0)
    }
    return { hash: hash.digest('hex'), peakMib }
  }

  it('waits for a client that does not read, and then gives it every byte', async ({ expect }) => {
    const user = nameOf()
    const sent = pour(user)
    const answer = await open(user, free)
    // What is under way lies in the buffers of four sockets, which the system makes as large as it likes. Steady: no byte
    // more for a second and a half.
    for (let before = -1; before !== sent.taken(); await sleep(1500)) before = sent.taken()
    expect(sent.taken()).toBeLessThan(HUGE / 2)
    await sleep(IDLE_MS)
    const { hash } = await hashOf(answer)
    expect(hash).toBe(sent.hash)
    expect(await eventOf(user)).toMatchObject({ success: false, outcome: 'estimated' })
  })

  it('passes without staying in memory', async ({ expect }) => {
    const before = residentMib()
    const user = nameOf()
    const sent = pour(user)
    const { hash, peakMib } = await hashOf(await open(user, free))
    expect(hash).toBe(sent.hash)
    if (before !== undefined) expect(peakMib - before).toBeLessThan(HUGE / MIB)
  })

  it('that is one line without end is broken off', async ({ expect }) => {
    const user = nameOf()
    const ended = Promise.withResolvers<number>()
    raw.on(user, async call => {
      await call.write(`${textEvent('One.')}data: `)
      const piece = Buffer.alloc(64 * 1024, 0x61)
      while (call.taken < HUGE && (await call.write(piece)));
      ended.resolve(call.taken)
    })
    const answer = await open(user)
    await expect(readText(answer)).rejects.toThrow(/aborted/)
    expect(await ended.promise).toBeLessThan(HUGE)
    expect(await eventOf(user)).toMatchObject({ outcome: 'estimated', success: false })
  })
})
