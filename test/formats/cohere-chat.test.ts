import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { ChatAsk, ChatDelta, Part } from '../../workers/formats/chat.ts'
import { cohereChatCodec as codec } from '../../workers/formats/cohere-chat/cohere-chat-codec.ts'
import { makeAsk, refusalOf } from './make-ask.ts'

const encoded = (change: Partial<ChatAsk>) => codec.encodeRequest(makeAsk(change))
const CALL: Part = { kind: 'tool_call', id: 't1', name: 'weather', arguments: '{"city":"Rome"}' }

const answerOf = (message: unknown, beside: Record<string, unknown> = {}) =>
  codec.decodeAnswer({ id: 'c1', finish_reason: 'COMPLETE', message, ...beside })

describe('an answer of Cohere', () => {
  const message = {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'hm' },
      { type: 'text', text: 'It is' },
    ],
    tool_plan: 'I will look.',
    tool_calls: [{ id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } }],
  }

  it('has its parts in order, and they are accepted back as they came', ({ expect }) => {
    const answer = answerOf({ ...message, citations: [{ start: 0, end: 2 }] }, { finish_reason: 'TOOL_CALL' })
    expect(answer).toMatchObject({ id: 'c1', choices: [{ index: 0, finish: 'tool_calls' }] })
    const parts = answer.choices[0]?.parts ?? []
    expect(parts).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'It is' },
      { kind: 'reasoning', text: 'I will look.', id: 'tool_plan' },
      CALL,
    ])
    expect(encoded({ messages: [{ role: 'assistant', parts }] }).messages).toEqual([message])
  })

  it('keeps every generated answer through decoding and encoding', ({ expect }) => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' })
    const content = fc.oneof(
      fc.record({ type: fc.constant('text'), text }),
      fc.record({ type: fc.constant('thinking'), thinking: text }),
    )
    const called = fc.record({ name: text, arguments: fc.json() })
    const call = fc.record({ id: text, type: fc.constant('function'), function: called })
    const generated = fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.array(content, { minLength: 1 }),
        tool_plan: text,
        tool_calls: fc.array(call, { minLength: 1 }),
      },
      { requiredKeys: ['role', 'content'] },
    )
    fc.assert(
      fc.property(generated, each => {
        const parts = answerOf(each).choices[0]?.parts ?? []
        expect(encoded({ messages: [{ role: 'assistant', parts }] }).messages).toEqual([each])
      }),
    )
  })

  it.for([
    ['COMPLETE', 'stop'],
    ['STOP_SEQUENCE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['TOOL_CALL', 'tool_calls'],
    ['ERROR', 'other'],
    ['TIMEOUT', 'other'],
    ['constructor', 'other'],
    [undefined, 'other'],
  ])('ended with %s means %s', ([finish_reason, finish], { expect }) => {
    expect(answerOf({}, { finish_reason }).choices[0]?.finish).toBe(finish)
  })

  it.for([
    {
      what: 'what is billed, not what was read',
      usage: {
        billed_units: { input_tokens: 12, output_tokens: 7 },
        tokens: { input_tokens: 507, output_tokens: 10 },
        cached_tokens: 448,
      },
      means: [12, 7],
    },
    {
      what: 'what was read, where nothing is billed by name',
      usage: { tokens: { input_tokens: 5, output_tokens: 1 } },
      means: [5, 1],
    },
    { what: 'nothing, where nothing is told', usage: { billed_units: { search_units: 1 } }, means: undefined },
  ])('counts $what', ({ usage, means }, { expect }) => {
    const read = answerOf({}, { usage }).usage
    expect(read && [read.inputTokens, read.outputTokens]).toEqual(means)
    expect(read?.cachedInputTokens ?? 0).toBe(0)
  })

  it('tells how likely each piece was', ({ expect }) => {
    const logprobs = [
      { text: 'Hé', token_ids: [1, 2], logprobs: [-0.5, -0.25] },
      { text: '!', token_ids: [3] },
    ]
    expect(answerOf({}, { logprobs }).choices[0]?.logprobs).toEqual([
      { token: 'Hé', logprob: -0.75, bytes: [72, 195, 169], top: [] },
    ])
  })

  it('survives any body', ({ expect }) => {
    const body = fc.dictionary(fc.constantFrom('id', 'message', 'usage', 'logprobs', 'finish_reason'), fc.jsonValue())
    fc.assert(
      fc.property(body, each => {
        expect(codec.decodeAnswer(each).choices).toHaveLength(1)
      }),
    )
  })
})

type Sent = Record<string, unknown> & { type: string }

function decodedStream(events: Sent[]): ChatDelta[] {
  const decoder = codec.streamDecoder()
  const deltas = events.flatMap(each => decoder.push({ event: each.type, data: JSON.stringify(each) }))
  return [...deltas, ...decoder.end()]
}

const saying = (type: string, index: number, message: unknown) => ({ type, index, delta: { message } })
const calling = (type: string, index: number, call: unknown) => saying(type, index, { tool_calls: call })
const ending = (delta: Record<string, unknown>) => ({ type: 'message-end', delta })
const START = { kind: 'start', id: 'c1', model: '', createdMs: 0 }
const BEGIN = { id: 'c1', type: 'message-start', delta: { message: { role: 'assistant', content: [] } } }

describe('a stream of Cohere', () => {
  it('tells thoughts, a plan, text, parallel calls, the usage and the end', ({ expect }) => {
    const events = [
      BEGIN,
      saying('content-start', 0, { content: { type: 'thinking', thinking: 'h' } }),
      saying('content-delta', 0, { content: { thinking: 'm' } }),
      { type: 'content-end', index: 0 },
      saying('content-start', 1, { content: { type: 'text', text: '' } }),
      { ...saying('content-delta', 1, { content: { text: 'It' } }), logprobs: { text: 'It', logprobs: [-1] } },
      { type: 'citation-start', index: 0, delta: { message: { citations: { start: 0 } } } },
      { type: 'citation-end', index: 0 },
      saying('tool-plan-delta', 0, { tool_plan: 'I will' }),
      calling('tool-call-start', 0, { id: 't1', type: 'function', function: { name: 'weather', arguments: '' } }),
      calling('tool-call-delta', 0, { function: { arguments: '{"city":' } }),
      calling('tool-call-start', 1, { id: 't2', type: 'function', function: { name: 'now', arguments: '{' } }),
      calling('tool-call-delta', 0, { function: { arguments: '"Rome"}' } }),
      calling('tool-call-delta', 1, { function: { arguments: '}' } }),
      { type: 'tool-call-end', index: 0 },
      calling('tool-call-start', 2, { id: 't3', type: 'function', function: { name: 'who' } }),
      { type: 'tool-call-end', index: 2 },
      { type: 'debug', prompt: 'x' },
      ending({ finish_reason: 'TOOL_CALL', usage: { billed_units: { input_tokens: 3, output_tokens: 4 } } }),
    ]
    expect(decodedStream(events)).toEqual([
      START,
      { kind: 'reasoning', choice: 0, text: 'h' },
      { kind: 'reasoning', choice: 0, text: 'm' },
      { kind: 'text', choice: 0, text: 'It', logprobs: [{ token: 'It', logprob: -1, bytes: [73, 116], top: [] }] },
      { kind: 'reasoning', choice: 0, text: 'I will', id: 'tool_plan' },
      { kind: 'tool_call', choice: 0, index: 0, id: 't1', name: 'weather' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{"city":' },
      { kind: 'tool_call', choice: 0, index: 1, id: 't2', name: 'now' },
      { kind: 'tool_arguments', choice: 0, index: 1, text: '{' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '"Rome"}' },
      { kind: 'tool_arguments', choice: 0, index: 1, text: '}' },
      { kind: 'tool_call', choice: 0, index: 2, id: 't3', name: 'who' },
      { kind: 'tool_arguments', choice: 0, index: 2, text: '{}' },
      { kind: 'usage', usage: expect.objectContaining({ inputTokens: 3, outputTokens: 4 }) },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
    ])
  })

  it('tells what was billed, and then the error, where the generation failed', ({ expect }) => {
    const usage = { billed_units: { input_tokens: 3, output_tokens: 0 } }
    const events = [
      BEGIN,
      ending({ finish_reason: 'ERROR', error: 'broke', usage }),
      saying('content-delta', 0, { content: { text: 'x' } }),
    ]
    expect(decodedStream(events)).toEqual([
      START,
      { kind: 'usage', usage: expect.objectContaining({ inputTokens: 3 }) },
      { kind: 'error', status: 502, code: 'error', message: 'broke' },
    ])
  })

  it('ends with an error where it ends before its answer, or where an event is nothing but a message', ({ expect }) => {
    expect(decodedStream([])).toMatchObject([{ kind: 'error', status: 502 }])
    expect(decodedStream([BEGIN]).at(-1)).toMatchObject({ kind: 'error', status: 502 })
    const decoder = codec.streamDecoder()
    expect(decoder.push({ data: '{"message":"overloaded"}' })).toMatchObject([{ kind: 'error', message: 'overloaded' }])
  })

  it('survives garbage in every event, starts at most once, and says nothing after an error', ({ expect }) => {
    const type = fc.constantFrom(
      'message-start',
      'content-start',
      'content-delta',
      'tool-plan-delta',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-end',
      'message-end',
      'x',
    )
    const typed = fc.tuple(type, fc.jsonValue()).map(([name, delta]) => JSON.stringify({ type: name, delta }))
    const event = fc.record({ event: type, data: fc.oneof(typed, fc.json(), fc.string()) })
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

describe('an error of Cohere', () => {
  it('has its message, and the name of its status', ({ expect }) => {
    const said = { id: 'x', message: 'invalid api token' }
    expect(codec.decodeError(401, said)).toEqual({ status: 401, code: 'unauthorized', message: said.message })
    expect(codec.decodeError(418, said)?.code).toBe('error')
  })

  it.for([undefined, null, '<html>', [], {}, { message: 5 }])('%j is none', (body, { expect }) => {
    expect(codec.decodeError(500, body)).toBeUndefined()
  })

  it('no client speaks this wire', ({ expect }) => {
    expect(refusalOf(() => codec.decodeRequest({}))?.code).toBe('internal')
    expect(refusalOf(() => codec.encodeError({ status: 400, code: 'x', message: 'x' }))?.code).toBe('internal')
  })
})
