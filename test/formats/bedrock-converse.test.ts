import fc from 'fast-check'
import { describe, it } from 'vitest'
import { bedrockConverseCodec as codec } from '../../workers/formats/bedrock-converse/bedrock-converse-codec.ts'
import { EventStreamReader } from '../../workers/formats/bedrock-converse/event-stream.ts'
import type { ChatDelta, Part } from '../../workers/formats/chat.ts'
import { makeAsk, refusalOf } from './make-ask.ts'
import { concat, eventFrame, exceptionFrame } from './make-frame.ts'

const PNG = { kind: 'data', mediaType: 'image/png', base64: 'iVBO' } as const

/** What Claude is sent where its own answer is in the chat. */
const sentBack = (parts: Part[]) =>
  codec.encodeRequest(makeAsk({ model: 'eu.anthropic.claude-opus-5', messages: [{ role: 'assistant', parts }] }))

const answerOf = (content: unknown[], beside: Record<string, unknown> = {}) =>
  codec.decodeAnswer({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', ...beside })

const THOUGHTS = [
  { reasoningContent: { reasoningText: { text: 'Let me see.', signature: 'Eo8B' } } },
  { reasoningContent: { redactedContent: 'EmwK' } },
  { text: 'It is warm.' },
  { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Rome', days: [1, 2.5] } } },
]

describe('an answer of Converse', () => {
  it('has its parts in order, and they are accepted back as they came', ({ expect }) => {
    const [choice] = answerOf(THOUGHTS, { stopReason: 'tool_use' }).choices
    expect(choice).toEqual({
      index: 0,
      finish: 'tool_calls',
      parts: [
        { kind: 'reasoning', text: 'Let me see.', signature: 'Eo8B' },
        { kind: 'reasoning', text: '', redacted: 'EmwK' },
        { kind: 'text', text: 'It is warm.' },
        { kind: 'tool_call', id: 't1', name: 'weather', arguments: '{"city":"Rome","days":[1,2.5]}' },
      ],
    })
    const back = sentBack(choice?.parts ?? [])
    expect(back.messages).toEqual([{ role: 'assistant', content: THOUGHTS }])
  })

  it('keeps every generated answer through decoding and encoding', ({ expect }) => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' })
    const input = fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }))
    const block = fc.oneof(
      fc.record({ text }),
      fc.record({ reasoningContent: fc.record({ reasoningText: fc.record({ text: fc.string(), signature: text }) }) }),
      fc.record({ reasoningContent: fc.record({ redactedContent: fc.base64String() }) }),
      fc.record({ toolUse: fc.record({ toolUseId: text, name: text, input }) }),
    )
    fc.assert(
      fc.property(fc.array(block, { minLength: 1 }), content => {
        const parts = answerOf(content).choices[0]?.parts ?? []
        const back = sentBack(parts)
        expect(JSON.parse(JSON.stringify(back.messages))).toEqual(
          JSON.parse(JSON.stringify([{ role: 'assistant', content }])),
        )
      }),
    )
  })

  it('has the text of cited passages and pictures, and no calls that were the servers own', ({ expect }) => {
    const content = [
      { citationsContent: { content: [{ text: 'cited' }], citations: [{ title: 'doc' }] } },
      { toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
      { toolResult: { toolUseId: 's', content: [] } },
      { image: { format: 'png', source: { bytes: 'iVBO' } } },
      { somethingNew: {} },
    ]
    expect(answerOf(content).choices[0]?.parts).toEqual([
      { kind: 'text', text: 'cited' },
      { kind: 'image', source: PNG },
    ])
  })

  it.for([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['malformed_tool_use', 'other'],
    ['something_new', 'other'],
    ['constructor', 'other'],
    [{ toString: 1, valueOf: 1 }, 'other'],
    [undefined, 'other'],
  ])('ended with %s means %s', ([stopReason, finish], { expect }) => {
    expect(answerOf([], { stopReason }).choices[0]?.finish).toBe(finish)
  })

  it('tells which stop sequence ended it', ({ expect }) => {
    const fields = { stop_sequence: 'END' }
    expect(answerOf([], { additionalModelResponseFields: fields }).choices[0]?.stopSequence).toBe('END')
  })

  it('adds cached reads and writes to the input, and tells those kept for an hour apart', ({ expect }) => {
    const usage = {
      inputTokens: 10,
      outputTokens: 20,
      totalTokens: 430,
      cacheReadInputTokens: 100,
      cacheWriteInputTokens: 300,
      cacheDetails: [
        { ttl: '1h', inputTokens: 200 },
        { ttl: '5m', inputTokens: 100 },
      ],
    }
    const answer = answerOf([], { usage, serviceTier: { type: 'flex' } })
    expect(answer.serviceTier).toBe('flex')
    expect(answer.usage).toEqual({
      inputTokens: 410,
      outputTokens: 20,
      cachedInputTokens: 100,
      cacheWriteTokens: 300,
      cacheWrite1hTokens: 200,
      reasoningTokens: 0,
      inputAudioTokens: 0,
      outputAudioTokens: 0,
    })
  })

  it('has no usage where none is told, and survives any body', ({ expect }) => {
    expect(answerOf([]).usage).toBeUndefined()
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('output', 'usage', 'stopReason', 'serviceTier'), fc.jsonValue()),
        body => {
          expect(codec.decodeAnswer(body).choices).toHaveLength(1)
        },
      ),
    )
  })
})

/** The deltas of a stream of these frames, cut every `size` bytes. */
function decodedStream(frames: Uint8Array[], size = 7): ChatDelta[] {
  const [reader, decoder] = [new EventStreamReader(), codec.streamDecoder()]
  const bytes = concat(frames)
  const deltas: ChatDelta[] = []
  for (let at = 0; at < bytes.length; at += size) {
    for (const event of reader.push(bytes.subarray(at, at + size))) deltas.push(...decoder.push(event))
  }
  for (const event of reader.end()) deltas.push(...decoder.push(event))
  return [...deltas, ...decoder.end()]
}

const delta = (contentBlockIndex: number, piece: unknown) =>
  eventFrame('contentBlockDelta', { contentBlockIndex, delta: piece })
const stop = (contentBlockIndex: number) => eventFrame('contentBlockStop', { contentBlockIndex })
const toolStart = (contentBlockIndex: number, toolUse: unknown) =>
  eventFrame('contentBlockStart', { contentBlockIndex, start: { toolUse } })
const START = { kind: 'start', id: '', model: '', createdMs: 0 }

describe('a stream of Converse', () => {
  it('tells thoughts, text, parallel calls, the end and the usage', ({ expect }) => {
    const frames = [
      eventFrame('messageStart', { role: 'assistant' }),
      delta(0, { reasoningContent: { text: 'Let me' } }),
      delta(0, { reasoningContent: { signature: 'Eo8B' } }),
      stop(0),
      delta(1, { reasoningContent: { redactedContent: 'EmwK' } }),
      stop(1),
      delta(2, { text: 'Wärme' }),
      stop(2),
      toolStart(3, { toolUseId: 't1', name: 'weather' }),
      delta(3, { toolUse: { input: '{"city":' } }),
      delta(3, { toolUse: { input: '"Rome"}' } }),
      stop(3),
      toolStart(4, { toolUseId: 't2', name: 'now' }),
      delta(4, { toolUse: { input: '' } }),
      stop(4),
      eventFrame('messageStop', {
        stopReason: 'tool_use',
        additionalModelResponseFields: { delta: { stop_sequence: null } },
      }),
      eventFrame('metadata', { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, metrics: { latencyMs: 9 } }),
    ]
    expect(decodedStream(frames)).toEqual([
      START,
      { kind: 'reasoning', choice: 0, text: 'Let me' },
      { kind: 'reasoning', choice: 0, text: '', signature: 'Eo8B' },
      { kind: 'reasoning', choice: 0, text: '', redacted: 'EmwK' },
      { kind: 'text', choice: 0, text: 'Wärme' },
      { kind: 'tool_call', choice: 0, index: 0, id: 't1', name: 'weather' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{"city":' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '"Rome"}' },
      { kind: 'tool_call', choice: 0, index: 1, id: 't2', name: 'now' },
      { kind: 'tool_arguments', choice: 0, index: 1, text: '{}' },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
      { kind: 'usage', usage: expect.objectContaining({ inputTokens: 1, outputTokens: 2 }) },
    ])
  })

  it('starts once, whatever comes first, closes calls that the vendor left open, and ignores what it does not know', ({
    expect,
  }) => {
    const frames = [
      eventFrame('initial-response', {}),
      toolStart(0, { toolUseId: 's', name: 'grounding', type: 'server_tool_use' }),
      delta(0, { toolUse: { input: '{"q":1}' } }),
      toolStart(1, { toolUseId: 't', name: 'now' }),
      delta(2, { citation: { title: 'doc' } }),
      eventFrame('metadata', { usage: { inputTokens: 1, outputTokens: 2 }, serviceTier: { type: 'priority' } }),
      eventFrame('messageStop', {
        stopReason: 'stop_sequence',
        additionalModelResponseFields: { delta: { stop_sequence: 'END' } },
      }),
    ]
    expect(decodedStream(frames)).toEqual([
      START,
      { kind: 'tool_call', choice: 0, index: 0, id: 't', name: 'now' },
      { kind: 'usage', usage: expect.anything(), serviceTier: 'priority' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{}' },
      { kind: 'finish', choice: 0, finish: 'stop', stopSequence: 'END' },
    ])
  })

  it.for([
    ['throttlingException', 429, 'ThrottlingException'],
    ['validationException', 400, 'ValidationException'],
    ['internalServerException', 500, 'InternalServerException'],
    ['modelStreamErrorException', 424, 'ModelStreamErrorException'],
    ['serviceUnavailableException', 503, 'ServiceUnavailableException'],
    ['newException', 502, 'NewException'],
    ['__proto__', 502, '__proto__'],
  ] as const)('ends with the error that %s is', ([type, status, code], { expect }) => {
    const frames = [delta(0, { text: 'a' }), exceptionFrame(type, { message: 'no' }), delta(0, { text: 'b' })]
    expect(decodedStream(frames)).toEqual([
      START,
      { kind: 'text', choice: 0, text: 'a' },
      { kind: 'error', status, code, message: 'no' },
    ])
  })

  it('ends with an error where a frame is broken, or where it ends before its answer', ({ expect }) => {
    const bad = delta(0, { text: 'b' })
    bad[20] = (bad[20] ?? 0) ^ 1
    for (const frames of [[bad], [], [delta(0, { text: 'a' })], [delta(0, { text: 'a' }).slice(0, 30)]]) {
      expect(decodedStream(frames).at(-1)).toMatchObject({ kind: 'error', status: 502, code: 'BrokenEventStream' })
    }
  })

  it('says the same text however it is cut', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 90 }), (texts, size) => {
        const frames = texts.map(text => delta(0, { text }))
        const deltas = decodedStream([...frames, eventFrame('messageStop', { stopReason: 'end_turn' })], size)
        const read = deltas.map(each => (each.kind === 'text' ? each.text : '')).join('')
        expect(read).toBe(texts.join(''))
        expect(deltas.at(-1)).toMatchObject({ kind: 'finish', finish: 'stop' })
      }),
    )
  })

  it('survives garbage in every event, and says nothing after an error', ({ expect }) => {
    const name = fc.constantFrom(
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
      'exception',
      'x',
    )
    const event = fc.record({ event: name, data: fc.oneof(fc.json(), fc.string()) })
    fc.assert(
      fc.property(fc.array(event), events => {
        const decoder = codec.streamDecoder()
        const kinds = [...events.flatMap(each => decoder.push(each)), ...decoder.end()].map(({ kind }) => kind)
        const error = kinds.indexOf('error')
        if (error >= 0) expect(error).toBe(kinds.length - 1)
        expect(kinds.lastIndexOf('start')).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('an error of Bedrock', () => {
  it.for([
    [429, { message: 'slow' }, 'ThrottlingException', 'slow'],
    [400, { message: 'bad', __type: 'com.amazon.coral.validate#ValidationException' }, 'ValidationException', 'bad'],
    [403, { Message: 'no' }, 'AccessDeniedException', 'no'],
    [
      400,
      { __type: 'ServiceQuotaExceededException:http://internal/' },
      'ServiceQuotaExceededException',
      'ServiceQuotaExceededException',
    ],
    [418, { message: 'tea' }, 'UnknownError', 'tea'],
  ] as const)('%s %j is %s', ([status, body, code, message], { expect }) => {
    expect(codec.decodeError(status, body)).toEqual({ status, code, message, type: code })
  })

  it.for([undefined, null, '<html>', [], {}, { output: {} }])('%j is none', (body, { expect }) => {
    expect(codec.decodeError(500, body)).toBeUndefined()
  })

  it('no client speaks this wire', ({ expect }) => {
    expect(refusalOf(() => codec.decodeRequest({}))?.code).toBe('internal')
    expect(refusalOf(() => codec.streamEncoder(makeAsk()))?.code).toBe('internal')
  })
})
