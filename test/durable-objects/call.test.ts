import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { afterEach, describe, it, vi } from 'vitest'
import { Broadcast } from '../../durable-objects/call/broadcast.ts'
import { Flight } from '../../durable-objects/call/flight.ts'
import type { KeptAnswer } from '../../durable-objects/call/kept-answer.ts'
import { onceName } from '../../workers/core/call/call-name.ts'
import { keyHash, keyRing } from '../../workers/core/key/key-text.ts'
import { meterName } from '../../workers/core/quota/meter-protocol.ts'
import { DEFAULT_HANDLING, type KeySnapshot } from '../../workers/core/snapshot.ts'

const MIB = 1_048_576
const DAY_MS = 24 * 3_600_000

// The provider, which does not run locally. Before the first request: a deployment remembers the fetch it was built with.
const provider = vi.spyOn(globalThis, 'fetch')

afterEach(() => {
  vi.useRealTimers()
})

/** The provider's answers from now on; the number of the call is in each. */
function provide(answer: (call: number) => Response) {
  provider.mockClear()
  provider.mockImplementation(async () => answer(provider.mock.calls.length))
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const whole = (call: number, content = 'hi') => Response.json({ call, choices: [{ message: { content } }], usage })
const sse = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } })

/** A key of a tenant of its own, and what its client would send. */
async function openKey() {
  const ref = { tenantId: crypto.randomUUID(), id: crypto.randomUUID(), jurisdiction: 'none' as const }
  const text = keyRing(env.WEIR_SECRET).mint('virtual', ref)
  const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null }
  const grant = { provider: 'openai', weight: null, allowedModels: ['*'], blacklistedModels: [] }
  const snapshot: KeySnapshot = {
    ...{ version: 1, tenantId: ref.tenantId, keyId: ref.id, name: 'k', keyHash: keyHash(text) },
    ...{ ...status, providers: [grant], limits: [] },
  }
  const meter = env.METER.getByName(meterName({ tenantId: ref.tenantId, keyId: ref.id }))
  await meter.putSnapshot(snapshot)
  const send = async (once?: string) => {
    const headers = { authorization: `Bearer ${text}`, ...(once !== undefined && { 'idempotency-key': once }) }
    const body = JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] })
    const url = 'https://weir.test/v1/chat/completions'
    const answer = await exports.default.fetch(new Request(url, { method: 'POST', headers, body }))
    const { status: code, headers: told } = answer
    return { status: code, text: await answer.text(), isReplayed: told.get('x-weir-replayed') === 'true' }
  }
  const host = (once: string) => env.CALL.getByName(onceName(ref, once))
  const hosts = async () => (await listDurableObjectIds(env.CALL)).length
  return { snapshot, meter, send, host, hosts }
}

const tablesOf = (host: DurableObjectStub) =>
  runInDurableObject(host, (_, { storage }) => storage.sql.exec('SELECT name FROM sqlite_master').toArray().length)

describe('CallObject', () => {
  it('replays an answer of several rows byte for byte after it was evicted', async ({ expect }) => {
    provide(call => whole(call, 'é'.repeat(1.7 * MIB)))
    const { send, host } = await openKey()
    const first = await send('big')
    expect(first.text.length).toBeGreaterThan(1.7 * MIB)
    await evictDurableObject(host('big'))
    const again = await send('big')
    expect(again.isReplayed).toBe(true)
    expect(again.text === first.text).toBe(true)
    expect(provider).toHaveBeenCalledTimes(1)
  })

  it('forgets an answer and all it has stored after a day, not before, and sends the same request anew', async ({
    expect,
  }) => {
    provide(call => whole(call))
    const { send, host } = await openKey()
    const startMs = Date.now()
    const first = await send('day')
    vi.useFakeTimers({ toFake: ['Date'], now: startMs + DAY_MS - 60_000 })
    expect(await runDurableObjectAlarm(host('day'))).toBe(true)
    expect(await send('day')).toEqual({ ...first, isReplayed: true })
    vi.setSystemTime(startMs + DAY_MS + 60_000)
    expect(await runDurableObjectAlarm(host('day'))).toBe(true)
    expect(await tablesOf(host('day'))).toBe(0)
    expect(await runDurableObjectAlarm(host('day'))).toBe(false)
    expect(await send('day')).toMatchObject({ status: 200, isReplayed: false })
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it('sends anew after a day also where its alarm is late, and replays the new answer', async ({ expect }) => {
    provide(call => whole(call))
    const { send, host } = await openKey()
    await send('late')
    // An object reads the clock that it was built with.
    await evictDurableObject(host('late'))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + DAY_MS + 60_000 })
    const second = await send('late')
    expect(second.isReplayed).toBe(false)
    expect(await send('late')).toEqual({ ...second, isReplayed: true })
    expect(provider).toHaveBeenCalledTimes(2)
  })

  it.for<[what: string, answer: (call: number) => Response]>([
    ['is longer than 4 MiB', call => whole(call, 'x'.repeat(4 * MIB))],
    ['is an error', call => new Response(`{"call":${call}}`, { status: 503 })],
    ['is a redirect', call => new Response(`${call}`, { status: 307, headers: { location: 'https://x.test' } })],
    ['is a stream that ends in an error event', call => sse(`data: {"call":${call}}\n\ndata: {"error":{}}\n\n`)],
  ])('keeps and stores nothing of an answer that %s', async ([, answer], { expect }) => {
    provide(answer)
    const { send, host } = await openKey()
    const [first, second] = [await send('no'), await send('no')]
    expect([first.isReplayed, second.isReplayed]).toEqual([false, false])
    expect(second.text).not.toBe(first.text)
    expect(provider).toHaveBeenCalledTimes(2)
    expect(await tablesOf(host('no'))).toBe(0)
  })

  it('hosts every call of a durable key from the answer to its change on, stores nothing for it, and no call of any other key', async ({
    expect,
  }) => {
    provide(() => sse(`data: {"choices":[],"usage":${JSON.stringify(usage)}}\n\ndata: [DONE]\n\n`))
    const { snapshot, meter, send, hosts } = await openKey()
    const before = await hosts()
    expect((await send()).status).toBe(200)
    expect(await hosts()).toBe(before)
    // The isolate remembers the old snapshot; the meter does not.
    await meter.putSnapshot({ ...snapshot, version: 2, handling: { ...DEFAULT_HANDLING, settlement: 'durable' } })
    expect((await send()).status).toBe(200)
    expect(await hosts()).toBe(before + 1)
    expect((await send()).status).toBe(200)
    expect(await hosts()).toBe(before + 2)
    for (const id of await listDurableObjectIds(env.CALL)) {
      const name = await runInDurableObject(env.CALL.get(id), (_, { id: { name } }) => name)
      if (name?.startsWith(`${snapshot.tenantId}/`)) expect(await tablesOf(env.CALL.get(id))).toBe(0)
    }
    expect(provider).toHaveBeenCalledTimes(3)
    await vi.waitFor(async () => expect((await meter.read(Date.now())).holds).toBe(0))
  })
})

const NEVER = new AbortController().signal
const bytes = (text: string) => new TextEncoder().encode(text)

describe('a broadcast', () => {
  it('gives every listener all bytes in order, whatever leaves and however little is kept, and keeps no more than it may', async ({
    expect,
  }) => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 20 })
    /** Says everything while one listener leaves before the chunk of that number, or at the end. */
    const say = async (broadcast: Broadcast, chunks: Uint8Array[], leavesAt: number) => {
      const leaving = broadcast.listen(NEVER)?.getReader()
      for (const [at, next] of chunks.entries()) {
        const pushed = broadcast.push(next)
        await (at < leavesAt ? leaving?.read() : leaving?.cancel())
        await pushed
      }
      await leaving?.cancel()
      broadcast.end(true)
    }
    const check = async (chunks: Uint8Array[], maxBytes: number, leavesAt: number) => {
      const broadcast = new Broadcast({ maxBytes, unheardMs: 60_000, onUnheard: () => {} })
      const stays = [broadcast.listen(NEVER), broadcast.listen(NEVER)].map(stream => new Response(stream).arrayBuffer())
      await say(broadcast, chunks, leavesAt)
      const whole = chunks.flatMap(one => [...one])
      for (const heard of await Promise.all(stays)) expect([...new Uint8Array(heard)]).toEqual(whole)
      expect(broadcast.bytes()?.flatMap(one => [...one])).toEqual(whole.length <= maxBytes ? whole : undefined)
      expect(broadcast.listen(NEVER) === undefined).toBe(whole.length > maxBytes)
    }
    await fc.assert(fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), fc.nat(120), fc.nat(14), check))
  })

  it('waits for the slowest listener once it cannot keep everything, and not for one that is gone', async ({
    expect,
  }) => {
    const gone = new AbortController()
    const broadcast = new Broadcast({ maxBytes: 4, unheardMs: 60_000, onUnheard: () => {} })
    const slow = broadcast.listen(gone.signal)
    expect(slow).toBeDefined()
    await broadcast.push(bytes('1234'))
    const states: string[] = []
    await broadcast.push(bytes('5')).then(() => states.push('room'))
    const full = broadcast.push(bytes('6789')).then(() => states.push('more room'))
    await scheduler.wait(10)
    expect(states).toEqual(['room'])
    gone.abort()
    await full
    broadcast.end(true)
  })
})

it('a flight that nobody has listened to for long is given up, and nothing of it is kept', async ({ expect }) => {
  const landed: (KeptAnswer | undefined)[] = []
  let isCancelled = false
  const endless = new ReadableStream<Uint8Array>({
    start: controller => controller.enqueue(bytes('data: [DONE]\n\n')),
    cancel: () => {
      isCancelled = true
    },
  })
  const flight = new Flight({
    ...{ fingerprint: 'f', answer: Promise.resolve(new Response(endless)), maxBytes: 100, unheardMs: 20 },
    endsWhole: () => true,
    land: answer => landed.push(answer),
  })
  const first = await flight.join(NEVER)
  await first?.body?.cancel()
  const second = await flight.join(NEVER)
  await scheduler.wait(60)
  // Somebody came to listen in time.
  expect([isCancelled, landed]).toEqual([false, []])
  await second?.body?.cancel()
  await vi.waitFor(() => expect([isCancelled, landed]).toEqual([true, [undefined]]))
})
