import fc from 'fast-check'
import { describe, it } from 'vitest'
import { anthropicMessagesCodec as codec } from '../../workers/formats/anthropic-messages/anthropic-messages-codec.ts'
import type { ChatAsk, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { answers } from './anthropic-messages-generators.ts'

const ASK: ChatAsk = { model: 'claude', messages: [], tools: [], sampling: {}, choices: 1, isStream: false }
const onWire = (value: unknown) => JSON.parse(JSON.stringify(value)) as Json

describe('an answer on the Messages wire', () => {
  const message = (more: Json): Json => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [],
    ...more,
  })

  it('says the same again after it was translated, whatever it says', ({ expect }) => {
    fc.assert(
      fc.property(answers, made => {
        expect(codec.decodeAnswer(onWire(codec.encodeAnswer(made, ASK)))).toEqual(made)
      }),
    )
  })

  it('counts the cache beside its input, and thinking inside its output', ({ expect }) => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 30,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 10 },
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 40 },
      service_tier: 'standard',
    }
    expect(codec.decodeAnswer(message({ usage }))).toMatchObject({
      serviceTier: 'default',
      usage: {
        inputTokens: 240,
        cachedInputTokens: 200,
        cacheWriteTokens: 30,
        cacheWrite1hTokens: 10,
        outputTokens: 50,
        reasoningTokens: 40,
      },
    })
    expect(codec.decodeAnswer(message({ usage: { input_tokens: 1, output_tokens: -1 } })).usage).toBeUndefined()
  })

  it.for([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['pause_turn', 'paused'],
    ['refusal', 'refusal'],
    ['something_new', 'other'],
  ])('that ends with %s ended with %s', ([stop_reason, finish], { expect }) => {
    expect(codec.decodeAnswer(message({ stop_reason, stop_sequence: 'END' })).choices).toEqual([
      { index: 0, parts: [], finish, stopSequence: 'END' },
    ])
  })

  it('has why it was refused as a refusal, and nothing of tools that nobody asked for', ({ expect }) => {
    const content = [
      null,
      { type: 'server_tool_use', id: 's' },
      { type: 'text', text: '' },
      { type: 'text', text: 'So' },
    ]
    const stop_details = { type: 'refusal', category: 'cyber', explanation: 'Harm.' }
    expect(codec.decodeAnswer(message({ content, stop_reason: 'refusal', stop_details })).choices[0]?.parts).toEqual([
      { kind: 'text', text: 'So' },
      { kind: 'refusal', text: 'Harm.' },
    ])
  })

  it.for<[Part[], Json]>([
    [[{ kind: 'tool_call', id: 'c', name: 'f', arguments: '{}' }], { stop_reason: 'tool_use' }],
    [
      [{ kind: 'refusal', text: 'no' }],
      { stop_reason: 'refusal', content: [{ type: 'text', text: 'no', citations: null }] },
    ],
    [[{ kind: 'image', source: { kind: 'id', id: 'i' } }], { stop_reason: 'end_turn', content: [{ type: 'text' }] }],
  ])('has the reason that clients act by, though it just stopped: %j', ([parts, expected], { expect }) => {
    const choices = [{ index: 0, parts, finish: 'stop' as const }]
    const answer = { id: 'a', model: 'm', createdMs: 1, choices, usage: undefined }
    expect(codec.encodeAnswer(answer, ASK)).toMatchObject(expected)
  })
})

describe('an error on the Messages wire', () => {
  it.for([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [413, 'request_too_large'],
    [422, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [502, 'api_error'],
    [529, 'overloaded_error'],
  ] as const)('of status %i has the type %s', ([status, type], { expect }) => {
    const body = codec.encodeError({ status, code: type, message: 'No.' })
    expect(body).toEqual({ type: 'error', error: { type, message: 'No.' } })
    expect(codec.decodeError(status, body)).toEqual({ status, code: type, type, message: 'No.' })
  })

  it('keeps a code and a field of its own', ({ expect }) => {
    const error = { status: 429, code: 'budget_exceeded', message: 'Spent.', param: 'max_tokens' }
    expect(codec.decodeError(429, codec.encodeError(error))).toEqual({ ...error, type: 'rate_limit_error' })
  })

  it.for([null, 'Bad gateway', [], {}, { error: 'no' }, { error: { type: 1, message: 'x' } }])(
    'is not %j',
    (body, { expect }) => {
      expect(codec.decodeError(502, body)).toBeUndefined()
    },
  )
})
