import fc from 'fast-check'
import { describe, it } from 'vitest'
import { Fuse, type GrowTo } from '../../workers/gateway/fuse.ts'
import { pump } from '../../workers/gateway/pump.ts'
import { MAX_EVENT_BYTES, SseEvents } from '../../workers/gateway/sse-events.ts'
import { StreamTap } from '../../workers/gateway/stream-tap.ts'
import type { StreamReader } from '../../workers/providers/port.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (parts: Uint8Array[]) => parts.map(part => new TextDecoder().decode(part)).join('')

/** Calls an event usage-only where its data says so. */
function readerOf(seen: string[]): StreamReader {
  return {
    read: data => {
      seen.push(data)
      return { isUsageOnly: data === 'USAGE' }
    },
    usage: () => undefined,
    countOutput: () => seen.length,
    hasEnded: () => true,
    isOutputOver: tokens => seen.length > tokens,
    cutOff: () => 'data: CUT\n\n',
  }
}

/** Cuts bytes at arbitrary places. */
function cut(whole: Uint8Array, cuts: number[]): Uint8Array[] {
  const at = [...new Set([0, ...cuts.map(c => c % (whole.length + 1)), whole.length])].sort((a, b) => a - b)
  return at.slice(1).map((end, i) => whole.subarray(at[i], end))
}

const LEAVES_OUT = { keepsUsage: false, format: 'openai-chat' } as const

const data = fc.oneof(
  fc.constant('USAGE'),
  fc.constant('[DONE]'),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map(s => s.replace(/[\r\n]/g, ' ')),
)
const newline = fc.constantFrom('\n', '\r\n')
// Whole lines of every kind; a blank one ends an event.
const line = fc
  .tuple(
    fc.constantFrom('data: ', 'data:', 'event: ', ': ', 'id: ', ''),
    fc.constantFrom('', 'é👋🏽', 'a: b', '{"a":1}'),
    newline,
  )
  .map(parts => parts.join(''))

describe('a stream on its way', () => {
  it('is passed on byte for byte, however it is cut, where the client asked for usage', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (whole, cuts) => {
        const tap = new StreamTap(readerOf([]), { keepsUsage: true, format: 'openai-chat' })
        const out = [...cut(whole, cuts).flatMap(chunk => tap.push(chunk)), ...tap.end()]
        expect(out.flatMap(part => [...part])).toEqual([...whole])
      }),
    )
  })

  it('loses the usage event and nothing else, however it is cut, where the client did not ask', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(data, { maxLength: 8 }), newline, fc.array(fc.nat()), (events, nl, cuts) => {
        const seen: string[] = []
        const tap = new StreamTap(readerOf(seen), LEAVES_OUT)
        const encode = (list: string[]) => list.map(one => `data: ${one}${nl}${nl}`).join('')
        const out = cut(bytes(encode(events)), cuts).flatMap(chunk => tap.push(chunk))
        expect(text([...out, ...tap.end()])).toBe(encode(events.filter(one => one !== 'USAGE')))
        expect(seen).toEqual(events)
      }),
    )
  })

  it('passes on an event that no blank line ended', ({ expect }) => {
    const tap = new StreamTap(readerOf([]), LEAVES_OUT)
    expect(text([...tap.push(bytes('data: a\n\ndata: b')), ...tap.end()])).toBe('data: a\n\ndata: b')
  })

  it('is cut into the same events, however it is cut before', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat()), (lines, cuts) => {
        const whole = bytes(lines.join(''))
        const events = new SseEvents()
        const seen = cut(whole, cuts).flatMap(chunk => events.push(chunk))
        const atOnce = new SseEvents().push(whole)
        expect(seen.map(({ event, data }) => [event, data])).toEqual(atOnce.map(({ event, data }) => [event, data]))
        expect(text([...seen.map(event => event.bytes), events.rest()])).toBe(lines.join(''))
      }),
    )
  })

  it('keeps one event at most, and no event without end', ({ expect }) => {
    const events = new SseEvents()
    const mib = new Uint8Array(1024 * 1024).fill(0x61)
    for (let sent = 0; sent < MAX_EVENT_BYTES; sent += mib.length) expect(events.push(mib)).toEqual([])
    expect(() => events.push(mib)).toThrow(/longer than/)
  })

  it('reads an event that comes in very many pieces in no more than a moment', ({ expect }) => {
    const events = new SseEvents()
    const piece = bytes('0123456789'.repeat(10))
    const begun = performance.now()
    events.push(bytes('data: '))
    for (let n = 0; n < 80_000; n++) events.push(piece)
    const [event] = events.push(bytes('\n\n'))
    expect(event?.data.length).toBe(8_000_000)
    // Joined anew for every piece it would be copied 300 GB.
    expect(performance.now() - begun).toBeLessThan(20_000)
  })

  it('joins the data lines of one event and skips comments', ({ expect }) => {
    const events = new SseEvents().push(bytes(': hello\nevent: x\ndata: a\ndata:b\n\n'))
    expect(events.map(event => event.data)).toEqual(['a\nb'])
  })
})

type Upstream = {
  stream: ReadableStream<Uint8Array>
  send(part: string): void
  end(): void
  fail(): void
  wasCancelled(): boolean
}

function upstreamOf(): Upstream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined
  let isCancelled = false
  const stream = new ReadableStream<Uint8Array>({
    start: given => {
      controller = given
    },
    cancel: () => {
      isCancelled = true
    },
  })
  return {
    stream,
    send: part => controller?.enqueue(bytes(part)),
    end: () => controller?.close(),
    fail: () => controller?.error(new Error('reset')),
    wasCancelled: () => isCancelled,
  }
}

type Setting = {
  first?: string[]
  drainMs?: number
  idleMs?: number
  held?: number
  growTo?: GrowTo
  nowMs?: () => number
}

const SILENT = { status: 504, code: 'provider_silent', message: 'silent' }

function start({ first = [], drainMs = 50, idleMs = 60_000, held, growTo, nowMs = () => 7 }: Setting = {}) {
  const upstream = upstreamOf()
  const { readable, writable } = new IdentityTransformStream()
  const gone = new AbortController()
  const seen: string[] = []
  const output = readerOf(seen)
  const tap = new StreamTap(output, LEAVES_OUT)
  const fuse = held !== undefined && growTo ? new Fuse({ held, output, growTo }) : undefined
  const ends = { upstream: upstream.stream, held: first.map(bytes), client: writable, clientGone: gone.signal }
  const job = {
    ...ends,
    tap,
    fuse,
    cutOff: () => tap.cutOff(1),
    giveUp: () => tap.fail(SILENT),
    drainMs,
    idleMs,
    nowMs,
  }
  return { upstream, readable, gone, seen, ended: pump(job) }
}

describe('the pump', () => {
  it('gives the client the first bytes before the provider has sent the last', async ({ expect }) => {
    const { upstream, readable, ended } = start()
    const reader = readable.getReader()
    upstream.send('data: 1\n\n')
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    upstream.end()
    expect((await reader.read()).done).toBe(true)
    expect(await ended).toEqual({ isWhole: true, isCut: false, isSilent: false, isClientGone: false, firstByteAt: 7 })
  })

  it('begins with what was read already, in order', async ({ expect }) => {
    const { upstream, readable, ended } = start({ first: ['data: 1\n', '\ndata: 2\n\n'] })
    const all = new Response(readable).text()
    upstream.send('data: 3\n\n')
    upstream.end()
    expect(await all).toBe('data: 1\n\ndata: 2\n\ndata: 3\n\n')
    expect(await ended).toMatchObject({ isWhole: true })
  })

  it('reads on after the client has left, so that the usage at the end is seen', async ({ expect }) => {
    const { upstream, gone, seen, ended } = start({ drainMs: 5000 })
    upstream.send('data: 1\n\n')
    gone.abort()
    upstream.send('data: USAGE\n\n')
    upstream.end()
    expect(await ended).toMatchObject({ isWhole: true, isCut: false, isClientGone: true })
    expect(seen).toContain('USAGE')
  })

  it('notices a client that left without a word, by the write that fails', async ({ expect }) => {
    const { upstream, readable, seen, ended } = start({ drainMs: 5000 })
    await readable.cancel()
    upstream.send('data: 1\n\n')
    upstream.send('data: 2\n\n')
    upstream.end()
    expect(await ended).toMatchObject({ isClientGone: true })
    expect(seen).toEqual(['1', '2'])
  })

  it('stops the provider when nobody has listened for the drain time', async ({ expect }) => {
    const { upstream, gone, ended } = start({ drainMs: 20 })
    gone.abort()
    expect(await ended).toMatchObject({ isWhole: false, isCut: false, isClientGone: true })
    expect(upstream.wasCancelled()).toBe(true)
  })

  it('gives up a provider that has fallen silent, and ends the stream in words between two events', async ({
    expect,
  }) => {
    const { upstream, readable, ended } = start({ idleMs: 20, nowMs: Date.now })
    const all = new Response(readable).text()
    upstream.send('data: 1\n\ndata: half')
    const told = { message: 'silent', type: 'server_error', param: null, code: 'provider_silent' }
    expect(await all).toBe(`data: 1\n\ndata: ${JSON.stringify({ error: told })}\n\n`)
    expect(await ended).toMatchObject({ isWhole: false, isCut: false, isSilent: true, isClientGone: false })
    expect(upstream.wasCancelled()).toBe(true)
  })

  it('gives a provider its time anew with every chunk, and none of it to a slow client', async ({ expect }) => {
    let now = 0
    const { upstream, readable, ended } = start({ idleMs: 30, nowMs: () => now })
    const reader = readable.getReader()
    upstream.send('data: 1\n\n')
    upstream.send('data: 2\n\n')
    // The clock of the pump runs on, while nothing is read: what waits is the client.
    for (let n = 0; n < 3; n++) {
      now += 1000
      await new Promise(resolve => setTimeout(resolve, 40))
    }
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 2\n\n')
    upstream.end()
    expect((await reader.read()).done).toBe(true)
    expect(await ended).toMatchObject({ isWhole: true, isSilent: false })
  })

  it('breaks off, and stops the provider, at an event without end', async ({ expect }) => {
    const { upstream, readable, ended } = start()
    const all = new Response(readable).text()
    const mib = 'a'.repeat(1024 * 1024)
    for (let n = 0; n < 18; n++) upstream.send(mib)
    await expect(all).rejects.toThrow()
    expect(await ended).toMatchObject({ isWhole: false, isSilent: false, isClientGone: false })
    expect(upstream.wasCancelled()).toBe(true)
  })

  it('tells the client that the provider broke off, and says so', async ({ expect }) => {
    const { upstream, readable, ended } = start()
    const reader = readable.getReader()
    upstream.send('data: 1\n\n')
    await reader.read()
    upstream.fail()
    await expect(reader.read()).rejects.toThrow()
    expect(await ended).toMatchObject({ isWhole: false, isCut: false, isClientGone: false })
  })
})

describe('the fuse of a stream', () => {
  const line = 'data: x\n\n'

  async function readAll(readable: ReadableStream<Uint8Array>): Promise<string> {
    return new Response(readable).text()
  }

  it('raises the hold before it is used up, and the stream never waits while there is room', async ({ expect }) => {
    const asked: number[] = []
    const growTo: GrowTo = async tokens => {
      asked.push(tokens)
      return { kind: 'grown' }
    }
    const { upstream, readable, ended } = start({ held: 100, growTo })
    const all = readAll(readable)
    for (let i = 0; i < 150; i++) upstream.send(line)
    upstream.end()
    expect(await all).toBe(line.repeat(150))
    expect(asked).toEqual([200])
    expect(await ended).toMatchObject({ isWhole: true, isCut: false })
  })

  it('ends the stream on the wire, and stops the provider, when there is no more to be had', async ({ expect }) => {
    const asked: number[] = []
    const growTo: GrowTo = async tokens => {
      asked.push(tokens)
      return tokens > 120 ? { kind: 'refused', standing: {} as never, needed: 1 } : { kind: 'grown' }
    }
    const { upstream, readable, ended } = start({ held: 100, growTo })
    const all = readAll(readable)
    for (let i = 0; i < 150; i++) upstream.send(line)
    const text = await all
    expect(text).toBe(`${line.repeat(116)}data: CUT\n\n`)
    expect(upstream.wasCancelled()).toBe(true)
    expect(await ended).toMatchObject({ isWhole: true, isCut: true })
    expect(asked).toEqual([200, 125, 116, 232, 145, 132])
  })

  it('lets a stream go on while nobody can say whether there is more', async ({ expect }) => {
    const { upstream, readable, ended } = start({ held: 20, growTo: () => Promise.reject(new Error('unreachable')) })
    const all = readAll(readable)
    for (let i = 0; i < 100; i++) upstream.send(line)
    upstream.end()
    expect(await all).toBe(line.repeat(100))
    expect(await ended).toMatchObject({ isCut: false })
  })
})
