import fc from 'fast-check'
import OpenAI, { APIError } from 'openai'
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import { describe, it } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import { asRecord } from '../../workers/formats/as-record.ts'
import type { ChatAnswer, ChatAsk, ChatDelta, Message, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { openaiResponsesCodec as codec } from '../../workers/formats/openai-responses/openai-responses-codec.ts'
import { answers, asks } from './responses-generators.ts'
import { answerOf, ASK as STREAMED, streamOf, write } from './responses-stream.ts'

const ASK: ChatAsk = { ...STREAMED, isStream: false }

function messagesOf(input: unknown): Message[] {
  return codec.decodeRequest({ model: 'm', input }).messages
}

/** The code and the field of what `run` throws. */
function refusalOf(run: () => unknown): { code: string; param: string | undefined } | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, param: error.extras.param }
    throw error
  }
  return undefined
}

describe('a request to a vendor', () => {
  it('says all that was asked', ({ expect }) => {
    fc.assert(
      fc.property(asks, ask => {
        expect(codec.decodeRequest(codec.encodeRequest(ask))).toEqual(ask)
      }),
    )
  })

  it('is never stored, and asks for thoughts that can be given back where it asks for thinking', ({ expect }) => {
    expect(codec.encodeRequest(ASK)).toEqual({
      model: 'm',
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
      store: false,
    })
    const include = (effort: 'high' | 'none') => codec.encodeRequest({ ...ASK, reasoning: { effort } }).include
    expect(include('high')).toEqual(['reasoning.encrypted_content'])
    expect(include('none')).toBeUndefined()
  })

  it('never makes arguments required that were not', ({ expect }) => {
    const body = codec.encodeRequest({ ...ASK, tools: [{ name: 'f', schema: {} }] })
    expect(body.tools).toEqual([{ type: 'function', name: 'f', parameters: {}, strict: false }])
  })

  it('gives a vendor its hidden thoughts as it sent them', ({ expect }) => {
    const parts: Part[] = [{ kind: 'reasoning', text: '', redacted: 'xyz' }]
    const { input } = codec.encodeRequest({ ...ASK, messages: [...ASK.messages, { role: 'assistant', parts }] })
    expect(input).toContainEqual({ type: 'reasoning', summary: [], encrypted_content: 'xyz' })
  })

  it('leaves out what changes no answer', ({ expect }) => {
    const text: Part = { kind: 'text', text: 'hi', cache: { ttl: '5m' } }
    const ask: ChatAsk = {
      ...ASK,
      messages: [{ role: 'user', parts: [text] }],
      sampling: { stop: [], presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
      user: 'u'.repeat(65),
    }
    expect(codec.encodeRequest(ask)).toEqual(codec.encodeRequest(ASK))
  })

  const says = (part: Part, role: Message['role'] = 'user'): Partial<ChatAsk> => ({
    messages: [{ role, parts: [part] }],
  })
  const url = { kind: 'url' as const, url: 'https://x' }
  const flac = { kind: 'data' as const, mediaType: 'audio/flac', base64: '' }
  const cases: [string, Partial<ChatAsk>][] = [
    ['n', { choices: 2 }],
    ['top_k', { sampling: { topK: 1 } }],
    ['presence_penalty', { sampling: { presencePenalty: 1 } }],
    ['frequency_penalty', { sampling: { frequencyPenalty: -1 } }],
    ['seed', { sampling: { seed: 0 } }],
    ['stop', { sampling: { stop: ['x'] } }],
    ['logit_bias', { sampling: { logitBias: { 1: 1 } } }],
    ['reasoning.budget_tokens', { reasoning: { budgetTokens: 1024 } }],
    ['messages.0.name', { messages: [{ role: 'user', name: 'bob', parts: [{ kind: 'text', text: 'x' }] }] }],
    ['messages.0.content.0', says({ kind: 'audio', source: url })],
    ['messages.0.content.0', says({ kind: 'audio', source: flac })],
    ['messages.0.content.0', says({ kind: 'image', source: url }, 'assistant')],
    ['messages.0.content.0', says({ kind: 'refusal', text: 'x' })],
    [
      'messages.0.content.0.content.0',
      says({ kind: 'tool_result', callId: 'c', content: [{ kind: 'audio', source: flac }] }),
    ],
  ]

  it.for(cases)('refuses by its own name what this wire cannot say: %s', ([param, members], { expect }) => {
    expect(refusalOf(() => codec.encodeRequest({ ...ASK, ...members }))).toEqual({ code: 'untranslatable', param })
  })
})

describe('an answer', () => {
  it('is the same after it was written and read', ({ expect }) => {
    fc.assert(
      fc.property(answers, answer => {
        expect(codec.decodeAnswer(codec.encodeAnswer(answer, ASK))).toEqual(answer)
      }),
    )
  })

  it('can be given back by its client, who then said what was answered', ({ expect }) => {
    fc.assert(
      fc.property(answers, answer => {
        const { output } = codec.encodeAnswer(answer, ASK)
        const [user, assistant] = messagesOf([{ role: 'user', content: 'hi' }, ...(output as Json[])])
        expect(user).toEqual(ASK.messages[0])
        expect(assistant?.parts ?? []).toEqual(answer.choices[0]?.parts)
      }),
    )
  })

  it('has items a client can tell apart, and repeats what was asked', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'reasoning', text: 'Hm.', signature: 's' },
      { kind: 'text', text: 'Look.' },
      { kind: 'tool_call', id: 'c1', name: 'f', arguments: '{}' },
    ]
    const answer = {
      id: 'a1',
      model: 'm2',
      createdMs: 1_700_000_000_900,
      choices: [{ index: 0, parts, finish: 'tool_calls' as const }],
    }
    const ask: ChatAsk = { ...ASK, output: { kind: 'json' }, reasoning: { effort: 'low' }, maxOutputTokens: 9 }
    expect(codec.encodeAnswer({ ...answer, usage: undefined }, ask)).toMatchObject({
      object: 'response',
      created_at: 1_700_000_000,
      status: 'completed',
      model: 'm2',
      store: false,
      max_output_tokens: 9,
      text: { format: { type: 'json_object' } },
      reasoning: { effort: 'low', summary: null },
      usage: null,
      output: [
        { id: 'rs_a1_0', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 's' },
        {
          id: 'msg_a1_1',
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Look.', annotations: [], logprobs: [] }],
        },
        { id: 'fc_a1_2', type: 'function_call', status: 'completed', call_id: 'c1', name: 'f', arguments: '{}' },
      ],
    })
  })

  it.for([
    ['length', 'incomplete', 'max_output_tokens'],
    ['content_filter', 'incomplete', 'content_filter'],
    ['refusal', 'incomplete', 'content_filter'],
    ['paused', 'incomplete', undefined],
    ['other', 'incomplete', undefined],
    ['stop', 'completed', undefined],
  ] as const)('that ended by %s is %s', ([finish, status, reason], { expect }) => {
    const parts: Part[] = [{ kind: 'text', text: 'x' }]
    const body = codec.encodeAnswer(
      { id: 'a', model: 'm', createdMs: 0, choices: [{ index: 0, parts, finish }], usage: undefined },
      ASK,
    )
    expect(body).toMatchObject({ status, incomplete_details: reason ? { reason } : null, output: [{ status }] })
  })

  it('is read whatever a vendor sends', ({ expect }) => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('id', 'output', 'usage', 'status', 'created_at'), fc.jsonValue()),
        body => {
          expect(codec.decodeAnswer(body as Json).choices).toHaveLength(1)
        },
      ),
    )
  })

  it('has its raw thoughts after their summary, and its tokens with the cached ones inside', ({ expect }) => {
    const summary = [
      { type: 'summary_text', text: 'A' },
      { type: 'summary_text', text: 'B' },
    ]
    const usage = {
      input_tokens: 50,
      input_tokens_details: { cached_tokens: 20, cache_write_tokens: 10 },
      output_tokens: 9,
      output_tokens_details: { reasoning_tokens: 4 },
      total_tokens: 59,
    }
    const answer = codec.decodeAnswer({
      output: [
        { type: 'reasoning', id: 'rs_1', summary, content: [{ type: 'reasoning_text', text: 'C' }] },
        { type: 'reasoning', id: 'rs_2', summary: [] },
      ],
      status: 'completed',
      usage,
    })
    expect(answer.choices[0]?.parts).toEqual([{ kind: 'reasoning', text: 'A\n\nB\n\nC', id: 'rs_1' }])
    expect(answer.usage).toMatchObject({
      inputTokens: 50,
      cachedInputTokens: 20,
      cacheWriteTokens: 10,
      outputTokens: 9,
      reasoningTokens: 4,
    })
  })
})

describe('an error', () => {
  it('is the same after it was written and read', ({ expect }) => {
    const error = { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.', type: 'tokens', param: 'model' }
    expect(codec.decodeError(429, codec.encodeError(error))).toEqual(error)
  })

  it('is found in a response that has failed, and in no other', ({ expect }) => {
    const failed = { object: 'response', status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow.' } }
    expect(codec.decodeError(200, failed)).toEqual({ status: 429, code: 'rate_limit_exceeded', message: 'Slow.' })
    expect(codec.decodeError(200, { object: 'response', error: null, status: 'completed' })).toBeUndefined()
  })

  it.for([[null], [''], [[]], [{}], [{ error: {} }]])('is not made up from %j', ([body], { expect }) => {
    expect(codec.decodeError(500, body)).toBeUndefined()
  })
})

const Weather = z.object({ city: z.string() })

type Item = OpenAI.Responses.ResponseOutputItem
type OurItem = Extract<Item, { type: 'reasoning' | 'message' | 'function_call' }>

/** Their types say that an answer may have items which no input may have; ours has none. */
function isOurs(item: Item): item is OurItem {
  return ['reasoning', 'message', 'function_call'].includes(item.type)
}

/** OpenAI's own client, answered by the codec. `asks`: what it has asked. */
function clientOf(answer: ChatAnswer | ChatDelta) {
  const asked: ChatAsk[] = []
  const answering: typeof fetch = async (_input, init) => {
    const ask = codec.decodeRequest(asRecord(JSON.parse(String(init?.body))))
    asked.push(ask)
    if (!ask.isStream && 'choices' in answer) return Response.json(codec.encodeAnswer(answer, ask))
    const begun: ChatDelta = { kind: 'start', id: 'a1', model: 'm', createdMs: 0 }
    const stream = write('choices' in answer ? streamOf(answer, 3) : [begun, answer], ask)
    return new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
  }
  return { asked, client: new OpenAI({ apiKey: 'k', baseURL: 'http://weir.test/v1', fetch: answering, maxRetries: 0 }) }
}

describe("OpenAI's client", () => {
  const tools = [zodResponsesFunction({ name: 'weather', parameters: Weather })]
  const format = zodTextFormat(Weather, 'weather')
  const called = answerOf([
    { kind: 'reasoning', text: 'Call it.', signature: 'sig' },
    { kind: 'text', text: 'One moment.' },
    { kind: 'tool_call', id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}', signature: 'g1' },
    { kind: 'tool_call', id: 'c2', name: 'weather', arguments: '{"city":"Rome"}' },
  ])

  it('accepts an answer with calls, and gives it back as it was', async ({ expect }) => {
    const { client, asked } = clientOf(called)
    const first = await client.responses.parse({ model: 'm', input: 'Weather?', tools })
    expect(first.output_text).toBe('One moment.')
    const calls = first.output.filter(item => item.type === 'function_call')
    expect(calls.map(call => call.parsed_arguments)).toEqual([{ city: 'Oslo' }, { city: 'Rome' }])
    expect(first.usage).toMatchObject({
      input_tokens: 30,
      total_tokens: 50,
      output_tokens_details: { reasoning_tokens: 7 },
    })
    const items: Item[] = first.output
    const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'Rain' }))
    await client.responses.create({
      model: 'm',
      tools,
      input: [{ role: 'user', content: 'Weather?' }, ...items.filter(isOurs), ...results],
    })
    const [, assistant, told] = asked[1]?.messages ?? []
    expect(assistant?.parts).toEqual(
      called.choices[0]?.parts.map(part => (part.kind === 'reasoning' ? { ...part, id: 'rs_a1_0' } : part)),
    )
    expect(told?.parts).toHaveLength(2)
  })

  it('accepts a stream with calls, and makes of it what it would have had at once', async ({ expect }) => {
    const params = { model: 'm', input: 'Weather?', tools }
    const streamed = await clientOf(called).client.responses.stream(params).finalResponse()
    const whole = await clientOf(called).client.responses.parse(params)
    expect(streamed).toEqual(whole)
    expect(streamed.output.map(item => item.type)).toEqual([
      'reasoning',
      'message',
      'reasoning',
      'function_call',
      'function_call',
    ])
  })

  it('accepts structured output, streamed and not', async ({ expect }) => {
    const { client, asked } = clientOf(answerOf([{ kind: 'text', text: '{"city":"Oslo"}' }]))
    const params = { model: 'm', input: 'Where?', text: { format } }
    const whole = await client.responses.parse(params)
    expect(whole.output_parsed).toEqual({ city: 'Oslo' })
    const stream = client.responses.stream(params)
    const snapshots: string[] = []
    stream.on('response.output_text.delta', ({ snapshot }) => snapshots.push(snapshot))
    expect((await stream.finalResponse()).output_parsed).toEqual({ city: 'Oslo' })
    expect(snapshots.at(-1)).toBe('{"city":"Oslo"}')
    expect(asked.map(ask => ask.output?.kind)).toEqual(['schema', 'schema'])
  })

  it('sees a refusal, and an answer that was cut', async ({ expect }) => {
    const refused = clientOf(answerOf([{ kind: 'refusal', text: 'I will not.' }])).client
    const { output } = await refused.responses.stream({ model: 'm', input: 'x' }).finalResponse()
    expect(output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'I will not.' }] }])
    const short = answerOf([], { choices: [{ index: 0, parts: [{ kind: 'text', text: '{"ci' }], finish: 'length' }] })
    const params = { model: 'm', input: 'x', text: { format } }
    const final = await clientOf(short).client.responses.stream(params).finalResponse()
    expect(final).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output_text: '{"ci',
    })
  })

  it('throws where a stream fails', async ({ expect }) => {
    const { client } = clientOf({ kind: 'error', status: 429, code: 'rate_limit_exceeded', message: 'Slow down.' })
    const failing = client.responses.stream({ model: 'm', input: 'x' }).finalResponse()
    await expect(failing).rejects.toSatisfy(error => error instanceof APIError && error.code === 'rate_limit_exceeded')
  })
})
