import fc from 'fast-check'
import { describe, it } from 'vitest'
import { crc32 } from '../../workers/formats/bedrock-converse/crc32.ts'
import { EventStreamReader } from '../../workers/formats/bedrock-converse/event-stream.ts'
import { frameBytes, readFrame } from '../../workers/formats/bedrock-converse/frame.ts'
import type { WireEvent } from '../../workers/formats/codec.ts'
import { concat, eventFrame, exceptionFrame, makeFrame } from './make-frame.ts'

const fromHex = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], byte => Number.parseInt(byte, 16))
const toText = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)
const codeOf = (event: WireEvent | undefined) => JSON.parse(event?.data ?? '{}').code

/** All events of the bytes, cut after each of `cuts` bytes, and those of the end. */
function readIn(bytes: Uint8Array, cuts: number[]): { events: WireEvent[]; atEnd: WireEvent[] } {
  const reader = new EventStreamReader()
  const events: WireEvent[] = []
  let at = 0
  for (const cut of [...cuts, bytes.length]) {
    events.push(...reader.push(bytes.subarray(at, at + cut)))
    at = Math.min(at + cut, bytes.length)
  }
  return { events, atEnd: reader.end() }
}

/** AWS's own vectors. Source: github.com/awslabs/aws-c-event-stream, tests/message_deserializer_test.c. */
const VECTORS = [
  { what: 'no headers and no payload', hex: '000000100000000005c248eb7d98c8ff', headers: {}, payload: '' },
  {
    what: 'a payload without headers',
    hex: '0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936',
    headers: {},
    payload: "{'foo':'bar'}",
  },
  {
    what: 'one header and a payload',
    hex: `0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1`,
    headers: { 'content-type': 'application/json' },
    payload: "{'foo':'bar'}",
  },
]

describe('frames of vnd.amazon.eventstream', () => {
  it('the checksum is CRC-32, by its check value', ({ expect }) => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })

  it.for(VECTORS)("reads and makes AWS's vector: $what", ({ hex, headers, payload }, { expect }) => {
    const bytes = fromHex(hex)
    expect(frameBytes(bytes)).toBe(bytes.length)
    const frame = readFrame(bytes)
    expect(Object.fromEntries(frame?.headers ?? [['none', '']])).toEqual(headers)
    expect(toText(frame?.payload)).toBe(payload)
    expect(makeFrame(headers, payload)).toEqual(bytes)
  })

  it('passes over headers that are no text, of every type', ({ expect }) => {
    const odd = { yes: true, no: false, count: 7, bytes: new Uint8Array([1, 2, 3]), ':event-type': 'metadata' }
    const frame = readFrame(makeFrame(odd, '{}'))
    expect([...(frame?.headers ?? [])]).toEqual([[':event-type', 'metadata']])
  })

  it('reads the same events however the bytes are cut', ({ expect }) => {
    const payloads = fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }) }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(payloads, fc.array(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
        const bytes = concat(sent.map(payload => eventFrame('contentBlockDelta', payload)))
        const { events, atEnd } = readIn(bytes, cuts)
        expect(events).toEqual(sent.map(each => ({ event: 'contentBlockDelta', data: JSON.stringify(each) })))
        expect(atEnd).toEqual([])
      }),
    )
  })

  it('tells an exception with its code and all that it says', ({ expect }) => {
    const said = { message: 'model broke', originalStatusCode: 529 }
    const { events } = readIn(exceptionFrame('modelStreamErrorException', said), [])
    expect(events.map(({ event }) => event)).toEqual(['exception'])
    expect(JSON.parse(events[0]?.data ?? '')).toEqual({ ...said, code: 'modelStreamErrorException' })
  })

  it('tells an exception whose payload is no JSON, and an error that the service has not modelled', ({ expect }) => {
    const odd = makeFrame({ ':message-type': 'exception', ':exception-type': 'throttlingException' }, 'slow down')
    const unmodelled = makeFrame(
      { ':message-type': 'error', ':error-code': 'InternalFailure', ':error-message': 'sorry' },
      '',
    )
    const { events } = readIn(concat([odd, unmodelled]), [])
    expect(events.map(({ data }) => JSON.parse(data))).toEqual([
      { code: 'throttlingException', message: 'slow down' },
      { code: 'InternalFailure', message: 'sorry' },
    ])
  })

  it('tells any one changed byte as a broken stream, and reads nothing after it', ({ expect }) => {
    const good = eventFrame('messageStop', { stopReason: 'end_turn' })
    const place = fc.integer({ min: 0, max: good.length - 1 })
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bad = good.slice()
        bad[at] = (bad[at] ?? 0) ^ change
        const { events, atEnd } = readIn(concat([good, bad, good, good]), [good.length, good.length])
        expect(events).toHaveLength(2)
        expect(codeOf(events[1])).toBe('BrokenEventStream')
        expect(atEnd).toEqual([])
      }),
    )
  })

  it('tells broken headers under a right checksum', ({ expect }) => {
    for (const cut of [[250], [3, 97, 98, 99, 99], [1, 97, 7, 255, 255]]) {
      const frame = makeFrame({}, Uint8Array.from(cut))
      const view = new DataView(frame.buffer)
      view.setUint32(4, cut.length)
      view.setUint32(8, crc32(frame.subarray(0, 8)))
      view.setUint32(frame.length - 4, crc32(frame.subarray(0, frame.length - 4)))
      expect(readIn(frame, []).events.map(codeOf)).toEqual(['BrokenEventStream'])
    }
  })

  it('never throws on garbage, and never waits for a length that no checksum confirms', ({ expect }) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 200 }), fc.array(fc.integer({ min: 1 })), (bytes, cuts) => {
        const { events, atEnd } = readIn(bytes, cuts)
        expect([...events, ...atEnd].map(codeOf)).toEqual(['BrokenEventStream'])
      }),
    )
  })

  it('tells a stream that ends within a frame', ({ expect }) => {
    const bytes = eventFrame('messageStart', { role: 'assistant' })
    for (let length = 1; length < bytes.length; length += 1) {
      const { events, atEnd } = readIn(bytes.subarray(0, length), [])
      expect(events).toEqual([])
      expect(atEnd.map(codeOf)).toEqual(['BrokenEventStream'])
    }
  })

  it('reads a large frame that comes in small pieces', ({ expect }) => {
    const bytes = eventFrame('contentBlockDelta', { text: 'x'.repeat(1_000_000) })
    const { events } = readIn(
      bytes,
      Array.from({ length: bytes.length / 50 }, () => 50),
    )
    expect(events).toHaveLength(1)
  })
})
