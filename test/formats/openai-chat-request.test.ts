import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import type { ChatAsk, Message, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { openaiChatCodec, openaiChatCodecWithoutThoughts } from '../../workers/formats/openai-chat/openai-chat-codec.ts'
import { chatAsk } from './openai-generators.ts'

const HELLO = [{ role: 'user', content: 'Hello' }]
const decode = (more: Json) => openaiChatCodec.decodeRequest({ model: 'm', messages: HELLO, ...more })
const decodeMessages = (...messages: Json[]) => decode({ messages }).messages
const ask = (more: Partial<ChatAsk>): ChatAsk => ({
  model: 'm',
  messages: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  choices: 1,
  isStream: false,
  ...more,
})
const said = (...parts: Part[]): Message[] => [{ role: 'user', parts }]

/** The code and the param of the refusal, or what was made instead. */
function refusal(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error instanceof GatewayError ? `${error.code} ${error.extras.param}` : error
  }
}

const FUNCTION = { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }

describe('a chat completion request', () => {
  it('is the same after it was encoded and decoded again', ({ expect }) => {
    const back = (value: ChatAsk) =>
      openaiChatCodec.decodeRequest(JSON.parse(JSON.stringify(openaiChatCodec.encodeRequest(value))))
    fc.assert(
      fc.property(chatAsk, value => {
        expect(back(value)).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('is read with every field that another wire can say', ({ expect }) => {
    const read = decode({
      temperature: 0.5,
      top_p: 0.9,
      presence_penalty: 1,
      frequency_penalty: -1,
      seed: 7,
      stop: 'END',
      logit_bias: { 50256: -100 },
      max_completion_tokens: 300,
      max_tokens: 200,
      n: 2,
      logprobs: true,
      top_logprobs: 3,
      reasoning_effort: 'low',
      service_tier: 'flex',
      safety_identifier: 'u-1',
      metadata: { run: '7' },
      store: true,
      prompt_cache_key: 'k',
      prompt_cache_retention: '24h',
      modalities: ['text'],
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
      response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: { type: 'object' } } },
      tools: [{ type: 'function', function: { ...FUNCTION, strict: true } }],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
      prediction: null,
    })
    expect(read).toEqual({
      model: 'm',
      messages: said({ kind: 'text', text: 'Hello' }),
      tools: [{ name: 'weather', schema: FUNCTION.parameters, strict: true }],
      toolChoice: { kind: 'tool', name: 'weather' },
      parallelToolCalls: false,
      output: { kind: 'schema', name: 'city', strict: true, schema: { type: 'object' } },
      sampling: {
        temperature: 0.5,
        topP: 0.9,
        presencePenalty: 1,
        frequencyPenalty: -1,
        seed: 7,
        stop: ['END'],
        logitBias: { 50256: -100 },
      },
      maxOutputTokens: 200,
      choices: 2,
      logprobs: { top: 3 },
      reasoning: { effort: 'low' },
      serviceTier: 'flex',
      user: 'u-1',
      metadata: { run: '7' },
      isStream: true,
      wantsStreamUsage: true,
    })
  })

  it('is read with pictures, sounds, files and marks of what to cache', ({ expect }) => {
    const content = [
      { type: 'text', text: 'Look', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', detail: 'low' } },
      {
        type: 'image_url',
        image_url: { url: 'https://pictures.test/1.png' },
        prompt_cache_breakpoint: { mode: 'explicit' },
      },
      { type: 'input_audio', input_audio: { data: 'UklG', format: 'mp3' } },
      { type: 'file', file: { file_data: 'data:text/csv;base64,YSxi', filename: 'a.csv' } },
      { type: 'file', file: { file_data: 'JVBE', filename: 'a.pdf' } },
      { type: 'file', file: { file_id: 'file-1' }, cache_control: { type: 'ephemeral' } },
    ]
    expect(decodeMessages({ role: 'user', content })).toEqual(
      said(
        { kind: 'text', text: 'Look', cache: { ttl: '1h' } },
        { kind: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'iVBO' }, detail: 'low' },
        { kind: 'image', source: { kind: 'url', url: 'https://pictures.test/1.png' }, cache: { ttl: '1h' } },
        { kind: 'audio', source: { kind: 'data', mediaType: 'audio/mpeg', base64: 'UklG' } },
        { kind: 'file', source: { kind: 'data', mediaType: 'text/csv', base64: 'YSxi' }, name: 'a.csv' },
        { kind: 'file', source: { kind: 'data', mediaType: 'application/pdf', base64: 'JVBE' }, name: 'a.pdf' },
        { kind: 'file', source: { kind: 'id', id: 'file-1' }, cache: { ttl: '5m' } },
      ),
    )
  })

  it('has the results of parallel calls in one message, in their order', ({ expect }) => {
    const calls = ['a', 'b'].map(id => ({ id, type: 'function', function: { name: id, arguments: '{}' } }))
    const results = ['a', 'b'].map(id => ({ role: 'tool', tool_call_id: id, content: `of ${id}` }))
    const sent = [...HELLO, { role: 'assistant', content: null, tool_calls: calls }, ...results, ...HELLO]
    const [, assistant, user, last] = decodeMessages(...sent)
    expect(assistant?.parts.map(part => part.kind)).toEqual(['tool_call', 'tool_call'])
    expect(user).toEqual({
      role: 'user',
      parts: ['a', 'b'].map(id => ({ kind: 'tool_result', callId: id, content: [{ kind: 'text', text: `of ${id}` }] })),
    })
    expect(last?.parts).toHaveLength(1)
    expect(openaiChatCodec.encodeRequest(decode({ messages: sent })).messages).toEqual(sent)
  })

  it('keeps instructions where they stand, be they of a system or a developer', ({ expect }) => {
    const sent = ['system', 'user', 'developer', 'user'].map(role => ({ role, content: role }))
    expect(decodeMessages(...sent).map(message => message.role)).toEqual(['system', 'user', 'system', 'user'])
  })

  it('accepts the older functions, whose calls have no ids', ({ expect }) => {
    const read = decode({
      functions: [FUNCTION],
      function_call: { name: 'weather' },
      messages: [
        ...HELLO,
        { role: 'assistant', content: null, function_call: { name: 'weather', arguments: '{}' } },
        { role: 'function', name: 'weather', content: 'sunny' },
      ],
    })
    const [, assistant, user] = read.messages
    expect(assistant?.parts).toEqual([{ kind: 'tool_call', id: 'call_1_weather', name: 'weather', arguments: '{}' }])
    expect(user?.parts).toMatchObject([{ kind: 'tool_result', callId: 'call_1_weather', name: 'weather' }])
    expect(read).toMatchObject({
      tools: [{ name: 'weather' }],
      toolChoice: { kind: 'tool', name: 'weather' },
      parallelToolCalls: false,
      wantsFunctionCall: true,
    })
  })

  it('tells a model only of the tools that it is allowed to call', ({ expect }) => {
    const tools = ['a', 'b'].map(name => ({ type: 'function', function: { name } }))
    const allowed_tools = { mode: 'required', tools: tools.slice(1) }
    expect(decode({ tools, tool_choice: { type: 'allowed_tools', allowed_tools } })).toMatchObject({
      tools: [{ name: 'b', schema: { type: 'object', properties: {} } }],
      toolChoice: { kind: 'required' },
    })
  })

  it('takes back the thoughts that a client collected from a stream, with signatures', ({ expect }) => {
    const reasoning_details = [
      { type: 'reasoning.text', text: 'Let me ', index: 0 },
      { type: 'reasoning.text', text: 'see', index: 0 },
      { type: 'reasoning.text', text: '', signature: 'c2ln', index: 0 },
      { type: 'reasoning.encrypted', data: 'aGlk', index: 1 },
    ]
    const message = { role: 'assistant', content: 'Yes', reasoning_content: 'Let me see', reasoning_details }
    expect(decodeMessages(message)[0]?.parts).toEqual([
      { kind: 'reasoning', text: 'Let me see', signature: 'c2ln' },
      { kind: 'reasoning', text: '', redacted: 'aGlk' },
      { kind: 'text', text: 'Yes' },
    ])
    expect(decodeMessages({ role: 'assistant', content: 'Yes', reasoning: 'Hm' })[0]?.parts[0]).toEqual({
      kind: 'reasoning',
      text: 'Hm',
    })
  })

  it('has plain numbers, however they were written', ({ expect }) => {
    const body = '{"model":"m","messages":[{"role":"user","content":""}],"temperature":1.0,"max_tokens":1e2,"seed":5.0'
    const format = '"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"maximum":10.00}}}'
    const read = openaiChatCodec.decodeRequest(parseLossless(`${body},"logit_bias":{"1":-1.0},${format}}`) as Json)
    expect(read.sampling).toEqual({ temperature: 1, seed: 5, logitBias: { 1: -1 } })
    expect(read.maxOutputTokens).toBe(100)
    expect(read.output).toMatchObject({ schema: { maximum: 10 } })
  })
})

const REFUSED: [string, Json][] = [
  ['prediction', { prediction: { type: 'content', content: 'x' } }],
  ['web_search_options', { web_search_options: {} }],
  ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
  ['modalities', { modalities: ['text', 'audio'] }],
  ['verbosity', { verbosity: 'low' }],
  ['moderation', { moderation: { model: 'omni' } }],
  ['top_k', { top_k: 4 }],
  ['reasoning_effort', { reasoning_effort: 'max' }],
  ['stream_options.chunk_size', { stream_options: { chunk_size: 1 } }],
  ['response_format.type', { response_format: { type: 'grammar' } }],
  ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
  ['tools[0].function.cost', { tools: [{ type: 'function', function: { name: 'x', cost: 1 } }] }],
  ['tool_choice.type', { tool_choice: { type: 'custom', custom: { name: 'x' } } }],
  ['messages[0].weight', { messages: [{ role: 'assistant', content: 'x', weight: 0 }] }],
  ['messages[0].content[0].type', { messages: [{ role: 'user', content: [{ type: 'video_url', video_url: {} }] }] }],
  ['messages[0].tool_calls[0].type', { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', type: 'custom' }] }] }],
  ['messages[0].reasoning_details[0].type', { messages: [{ role: 'assistant', reasoning_details: [{ type: 'x' }] }] }],
]

const MALFORMED: [string, Json][] = [
  ['model', { model: '' }],
  ['messages', { messages: [] }],
  ['messages[0]', { messages: ['x'] }],
  ['messages[0].role', { messages: [{ role: 'pope', content: '' }] }],
  ['messages[0].content', { messages: [{ role: 'user', content: 4 }] }],
  ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: '' }] }],
  ['messages[0].name', { messages: [{ role: 'function', name: 'f', content: '' }] }],
  [
    'messages[0].content[0].image_url',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'x' }] }] },
  ],
  [
    'messages[0].content[0].image_url.url',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png,x' } }] }] },
  ],
  ['temperature', { temperature: 'hot' }],
  ['max_tokens', { max_tokens: 1.5 }],
  ['n', { n: 0 }],
  ['stop', { stop: [1] }],
  ['top_logprobs', { top_logprobs: 2 }],
  ['logit_bias.5', { logit_bias: { 5: 'x' } }],
  ['reasoning_effort', { reasoning_effort: 'huge' }],
  ['stream', { stream: 'yes' }],
  ['functions', { functions: [FUNCTION], tools: [] }],
  ['metadata.a', { metadata: { a: 1 } }],
]

const WHOLE: Json = {
  model: 'm',
  messages: HELLO,
  tools: [{ type: 'function', function: FUNCTION }],
  tool_choice: 'auto',
  response_format: { type: 'json_object' },
  stop: ['END'],
  logit_bias: {},
  metadata: {},
  stream_options: {},
  modalities: ['text'],
  functions: null,
  function_call: null,
  logprobs: true,
  top_logprobs: 1,
}

describe('what no other wire can say', () => {
  it.each(REFUSED)('is refused by its name: %s', (param, more) => {
    expectRefusal(() => decode(more), `untranslatable ${param}`)
  })

  it.each(MALFORMED)('and what is malformed, by its path: %s', (param, more) => {
    expectRefusal(() => decode(more), `request_invalid ${param}`)
  })

  it('is refused and never breaks, whatever stands in a field', ({ expect }) => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>
    const fields = fc.constantFrom(...Object.keys(WHOLE))
    const places = [
      'role',
      'content',
      'name',
      'tool_calls',
      'function_call',
      'reasoning_details',
      'tool_call_id',
      'audio',
    ]
    const odd = fc.oneof(
      fc.tuple(fields, json).map(([field, value]) => ({ ...WHOLE, [field]: value })),
      fc
        .tuple(fc.constantFrom('assistant', 'user', 'tool', 'function'), fc.constantFrom(...places), json)
        .map(([role, place, value]) => ({ ...WHOLE, messages: [{ role, content: 'x', [place]: value }] })),
    )
    fc.assert(
      fc.property(odd, body => {
        const got = refusal(() => openaiChatCodec.decodeRequest(body))
        expect(got).not.toBeInstanceOf(Error)
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused without harm where JSON is nested too deep', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`)
    const tools = [{ type: 'function', function: { name: 'x', parameters: deep } }]
    expectRefusal(() => decode({ tools }), 'request_invalid tools[0].function.parameters')
  })
})

function expectRefusal(make: () => unknown, told: string): void {
  const got = refusal(make)
  if (got !== told) throw new Error(`wanted ${told}, got ${String(got)}`)
}

const byId = { kind: 'id' as const, id: 'x' }
const byUrl = { kind: 'url' as const, url: 'https://files.test/a' }

const UNSAYABLE: [string, Partial<ChatAsk>][] = [
  ['top_k', { sampling: { topK: 4 } }],
  ['messages[0]', { messages: said({ kind: 'image', source: byId }) }],
  ['messages[0]', { messages: said({ kind: 'audio', source: byUrl }) }],
  ['messages[0]', { messages: said({ kind: 'file', source: byUrl }) }],
  [
    'messages[0]',
    { messages: said({ kind: 'tool_result', callId: 'a', content: [{ kind: 'image', source: byUrl }] }) },
  ],
  ['messages[0]', { messages: [{ role: 'system', parts: [{ kind: 'image', source: byUrl }] }] }],
  ['messages[0]', { messages: [{ role: 'assistant', parts: [{ kind: 'image', source: byUrl }] }] }],
]

describe('what a chat completion cannot say', () => {
  it.each(UNSAYABLE)('is refused by its name: %s', (param, more) => {
    expectRefusal(() => openaiChatCodec.encodeRequest(ask(more)), `untranslatable ${param}`)
  })

  it('sends the nearest word for a number of thinking tokens', ({ expect }) => {
    const effort = (budgetTokens: number) =>
      openaiChatCodec.encodeRequest(ask({ reasoning: { budgetTokens } })).reasoning_effort
    expect([0, 1024, 10_000, 31_999].map(effort)).toEqual(['none', 'low', 'medium', 'high'])
  })

  it('leaves out earlier thoughts for a vendor that refuses them, and nothing else', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'reasoning', text: 'Hm', signature: 's' },
      { kind: 'text', text: 'Yes' },
    ]
    const messages: Message[] = [{ role: 'assistant', parts }]
    expect(openaiChatCodecWithoutThoughts.encodeRequest(ask({ messages })).messages).toEqual([
      { role: 'assistant', content: 'Yes' },
    ])
    expect(openaiChatCodec.encodeRequest(ask({ messages })).messages).toMatchObject([{ reasoning_content: 'Hm' }])
  })
})
