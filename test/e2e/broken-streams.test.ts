// What becomes of answers that are not as they should be: what the client sees, what is charged, and what is recorded. Each
// with a client of the vendor's own wire, and with one of another.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { billedBy, MODELS, startVendors } from '../support/vendors/index.mjs'
import { startWeir } from '../support/weir-server.mjs'
import { CLIENTS } from './clients/index.ts'

type Vendor = 'openai' | 'anthropic' | 'google' | 'bedrock' | 'cohere'
const PAIRS: { client: string; vendor: Vendor; isSame: boolean }[] = [
  { client: 'openai (chat)', vendor: 'openai', isSame: true },
  { client: 'openai (responses)', vendor: 'openai', isSame: true },
  { client: '@anthropic-ai/sdk', vendor: 'anthropic', isSame: true },
  { client: '@google/genai', vendor: 'google', isSame: true },
  { client: 'openai (chat)', vendor: 'anthropic', isSame: false },
  { client: 'openai (responses)', vendor: 'google', isSame: false },
  { client: '@anthropic-ai/sdk', vendor: 'openai', isSame: false },
  { client: '@google/genai', vendor: 'anthropic', isSame: false },
  { client: 'openai (chat)', vendor: 'bedrock', isSame: false },
  { client: '@anthropic-ai/sdk', vendor: 'bedrock', isSame: false },
  { client: '@google/genai', vendor: 'cohere', isSame: false },
]

let vendors: Awaited<ReturnType<typeof startVendors>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }

beforeAll(async () => {
  vendors = await startVendors()
  weir = await startWeir({ upstreamUrl: vendors.env.OPENAI_BASE_URL, env: { ...vendors.env, DRAIN_MS: '300' } })
  key = await weir.admin.createKey({ budgetUsd: 1000, provider_configs: grants() })
})

afterAll(async () => {
  await weir?.dispose()
  await vendors?.stop()
})

function grants() {
  return Object.keys(MODELS).map(provider => ({ provider, allowed_models: ['*'], key_ids: ['*'] }))
}

/** What the client got: its text, or the status and the message of what it threw. */
type Seen = { text?: string; status?: number | undefined; message?: string }

function failure(thrown: unknown): Seen {
  const { status, message } = thrown as Error & { status?: number }
  return { status, message }
}

/** Runs one pair by an order, and waits until it is recorded. */
async function run({ client, vendor }: (typeof PAIRS)[number], order: string, how: 'chat' | 'stream') {
  const tag = `cell-${crypto.randomUUID()}`
  const target = { baseUrl: weir.baseUrl, apiKey: key.value, model: `${vendor}/${MODELS[vendor]}`, tag }
  const asked = CLIENTS[client]?.make(target)[how](`[${tag}] Please ${order}.`)
  const seen: Seen = await (asked ?? Promise.reject(new Error('no client'))).then(text => ({ text }), failure)
  const { call, events } = await settled(tag, vendor)
  return { seen, call, event: events[0], events }
}

async function settled(tag: string, vendor: Vendor) {
  const list = () => weir.admin.listEvents({ request_id: tag })
  const events = await until(list, found => found.length > 0)
  const [call, ...more] = vendors.vendors[vendor].callsOf(tag)
  if (!call || more.length > 0) throw new Error('not one call')
  return { call, events }
}

/** All pairs at once. */
function runAll(order: string, how: 'chat' | 'stream') {
  return Promise.all(PAIRS.map(async pair => ({ pair, ...(await run(pair, order, how)) })))
}

describe('a stream that', () => {
  it('ends in garbage is an error to a client of another wire, is charged by our own count, and is no success', async ({
    expect,
  }) => {
    for (const { pair, seen, event, call } of await runAll('talk garbage', 'stream')) {
      const name = `${pair.client} -> ${pair.vendor}`
      expect(event, name).toMatchObject({ outcome: 'estimated', success: false, status: 200 })
      expect(event.output_tokens, name).toBeGreaterThan(5)
      expect(event.output_tokens, name).toBeLessThanOrEqual(call.usage.output)
      expect(seen.text, name).toBeUndefined()
    }
  })

  it('closes early breaks off for the client too, and is charged by our own count', async ({ expect }) => {
    for (const { pair, seen, event, call } of await runAll('close early', 'stream')) {
      const name = `${pair.client} -> ${pair.vendor}`
      expect(seen.message, name).toMatch(/terminated/)
      expect(event, name).toMatchObject({ outcome: 'estimated', success: false })
      expect(event.output_tokens, name).toBeGreaterThan(5)
      expect(event.cost_nano, name).toBeLessThanOrEqual(billedBy(pair.vendor, [{ usage: withoutCache(event, call) }]))
    }
  })

  it('lies about its content type is read as the stream that it is, at its true cost', async ({ expect }) => {
    for (const { pair, seen, event, call } of await runAll('lie about the type', 'stream')) {
      const name = `${pair.client} -> ${pair.vendor}`
      expect(seen.text, name).toContain('Grüezi 👋🏽')
      expect(event, name).toMatchObject({ outcome: 'ok', success: true, cost_nano: billedBy(pair.vendor, [call]) })
    }
  })
})

// Our own count knows of no cache, and of no more output than was sent.
function withoutCache(event: { input_tokens: number }, call: { usage: { input: number; output: number } }) {
  return { input: Math.max(event.input_tokens, call.usage.input), cached: 0, output: call.usage.output }
}

describe('an answer that', () => {
  it.for(['chat', 'stream'] as const)(
    'fails with a 200 costs nothing, and is an error to a client of another wire (%s)',
    async (how, { expect }) => {
      for (const { pair, seen, event } of await runAll('fail with 200', how)) {
        const name = `${pair.client} -> ${pair.vendor}`
        expect(event, name).toMatchObject({ outcome: 'provider_error', success: false, status: 200, cost_nano: 0 })
        if (!pair.isSame) expect([500, 502], `${name}: ${seen.message}`).toContain(seen.status)
      }
    },
  )

  it('says to be a stream and is none is read whole, at its true cost', async ({ expect }) => {
    for (const { pair, event, call } of await runAll('lie about the type', 'chat')) {
      const name = `${pair.client} -> ${pair.vendor}`
      expect(event, name).toMatchObject({ outcome: 'ok', success: true, cost_nano: billedBy(pair.vendor, [call]) })
    }
  })
})
