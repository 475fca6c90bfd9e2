import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { anthropicMessagesCodec as codec } from '../../workers/formats/anthropic-messages/anthropic-messages-codec.ts'
import { DEFAULT_MAX_TOKENS } from '../../workers/formats/anthropic-messages/encode-request.ts'
import type { ChatAsk, Message, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { asks } from './anthropic-messages-generators.ts'

const HELLO = [{ role: 'user', content: 'Hello' }]
const request = (more: Json = {}): Json => ({ model: 'claude', max_tokens: 100, messages: HELLO, ...more })
const decode = (more: Json = {}) => codec.decodeRequest(request(more))
const parse = (text: string) => parseLossless(text) as Json

const userSays = (parts: Part[]): Message[] => [{ role: 'user', parts }]
const ask = (more: Partial<ChatAsk> = {}): ChatAsk => ({
  model: 'claude',
  messages: userSays([{ kind: 'text', text: 'Hello' }]),
  tools: [],
  sampling: {},
  choices: 1,
  isStream: false,
  ...more,
})
const refused = (param: string) => ({ code: 'untranslatable', extras: { param } })
const malformed = (param: string) => ({ code: 'request_invalid', extras: { param } })

const error = (run: () => unknown) => {
  try {
    run()
  } catch (thrown) {
    return thrown
  }
  return undefined
}

const userBlocks = (...content: Json[]) => ({ messages: [{ role: 'user', content }] })
const decodeUser = (...content: Json[]) => decode(userBlocks(...content)).messages[0]?.parts
const MARK = { type: 'ephemeral', ttl: '1h' }

describe('a request on the Messages wire', () => {
  it('says the same again after it was translated, whatever it says', ({ expect }) => {
    fc.assert(
      fc.property(asks, made => {
        const sent = JSON.stringify(codec.encodeRequest(made))
        expect(codec.decodeRequest(parse(sent))).toEqual(made)
      }),
    )
  })

  it('is understood field by field', ({ expect }) => {
    const body = request({
      system: [{ type: 'text', text: 'Be brief.', cache_control: MARK }],
      stream: true,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
      speed: 'standard',
      container: null,
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
      tools: [{ name: 'f', input_schema: { type: 'object' }, strict: true, defer_loading: false }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect(codec.decodeRequest(body)).toEqual({
      model: 'claude',
      messages: [
        { role: 'system', parts: [{ kind: 'text', text: 'Be brief.', cache: { ttl: '1h' } }] },
        { role: 'user', parts: [{ kind: 'text', text: 'Hello' }] },
      ],
      tools: [{ name: 'f', schema: { type: 'object' }, strict: true }],
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
      output: { kind: 'schema', name: 'output', schema: { type: 'object' }, strict: true },
      sampling: { temperature: 0.5, topP: 0.9, topK: 40, stop: ['END'] },
      maxOutputTokens: 100,
      choices: 1,
      reasoning: { effort: 'high', isShown: false },
      serviceTier: 'default',
      user: 'u1',
      isStream: true,
      wantsStreamUsage: true,
    })
  })

  it.for<[string, Json, Part]>([
    ['text', { type: 'text', text: 'a', citations: [] }, { kind: 'text', text: 'a' }],
    [
      'an image at an address',
      { type: 'image', source: { type: 'url', url: 'https://x.test/a' }, cache_control: { type: 'ephemeral' } },
      { kind: 'image', source: { kind: 'url', url: 'https://x.test/a' }, cache: { ttl: '5m' } },
    ],
    [
      'a document in plain text',
      { type: 'document', title: 't', source: { type: 'text', media_type: 'text/plain', data: 'ä' } },
      { kind: 'file', name: 't', source: { kind: 'data', mediaType: 'text/plain', base64: 'w6Q=' } },
    ],
    [
      'a document that the vendor keeps',
      { type: 'document', source: { type: 'file', file_id: 'file_1' }, citations: { enabled: false } },
      { kind: 'file', source: { kind: 'id', id: 'file_1' } },
    ],
    [
      'a result in a word',
      { type: 'tool_result', tool_use_id: 't1', content: 'sunny' },
      { kind: 'tool_result', callId: 't1', content: [{ kind: 'text', text: 'sunny' }] },
    ],
    [
      'a failed call',
      { type: 'tool_result', tool_use_id: 't1', is_error: true },
      { kind: 'tool_result', callId: 't1', content: [], isError: true },
    ],
  ])('may have %s', ([, block, part], { expect }) => {
    expect(decodeUser(block)).toEqual([part])
  })

  it('keeps the digits of the arguments of calls', ({ expect }) => {
    const body = `{"model":"m","max_tokens":1e3,"messages":[{"role":"assistant","content":[
      {"type":"tool_use","id":"t","name":"f","input":{"n":12345678901234567890,"x":1.0}}]}]}`
    const { messages, maxOutputTokens } = codec.decodeRequest(parse(body))
    expect(messages[0]?.parts[0]).toMatchObject({ arguments: '{"n":12345678901234567890,"x":1.0}' })
    expect(maxOutputTokens).toBe(1000)
    expect(JSON.stringify(codec.encodeRequest(ask({ messages })))).toContain('{"n":12345678901234567890,"x":1.0}')
  })

  it('may mark its end for the cache as a whole', ({ expect }) => {
    expect(decode({ cache_control: MARK }).messages.at(-1)?.parts).toEqual([
      { kind: 'text', text: 'Hello', cache: { ttl: '1h' } },
    ])
  })

  it('takes the older place of its schema', ({ expect }) => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    expect(decode({ output_format: format }).output).toEqual(decode({ output_config: { format } }).output)
  })

  it.for<[string, Json]>([
    ['container', { container: 'c' }],
    ['mcp_servers', { mcp_servers: [] }],
    ['context_management', { context_management: {} }],
    ['inference_geo', { inference_geo: 'us' }],
    ['speed', { speed: 'fast' }],
    ['diagnostics', { diagnostics: {} }],
    ['max_tokens', { max_tokens: 0 }],
    ['metadata.team', { metadata: { team: 'x' } }],
    ['thinking.type', { thinking: { type: 'between_tools' } }],
    ['output_config.effort', { output_config: { effort: 'max' } }],
    ['output_config.task_budget', { output_config: { task_budget: {} } }],
    ['tools.0', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools.0.defer_loading', { tools: [{ name: 'f', input_schema: {}, defer_loading: true }] }],
    [
      'tools.0.allowed_callers',
      { tools: [{ name: 'f', input_schema: {}, allowed_callers: ['code_execution_20260120'] }] },
    ],
    ['tools.0.input_examples', { tools: [{ name: 'f', input_schema: {}, input_examples: [{}] }] }],
    ['messages.0.content.0', userBlocks({ type: 'search_result', source: 's', title: 't', content: [] })],
    ['messages.0.content.0', userBlocks({ type: 'web_search_tool_result', tool_use_id: 't', content: [] })],
    ['messages.0.content.0.citations', userBlocks({ type: 'text', text: 'a', citations: [{}] })],
    ['messages.0.content.0.citations', userBlocks({ type: 'document', source: {}, citations: { enabled: true } })],
    ['messages.0.content.0.context', userBlocks({ type: 'document', source: {}, context: 'c' })],
    ['messages.0.content.0.transformations', userBlocks({ type: 'image', source: {}, transformations: {} })],
    ['messages.0.content.0.source.type', userBlocks({ type: 'document', source: { type: 'content', content: 'a' } })],
    [
      'messages.0.content.0.content.0',
      userBlocks({ type: 'tool_result', tool_use_id: 't', content: [{ type: 'tool_reference' }] }),
    ],
  ])('is refused for %s, which no other wire has', ([param, more], { expect }) => {
    expect(error(() => decode(more))).toMatchObject(refused(param))
  })

  it.for<[string, Json]>([
    ['model', { model: 7 }],
    ['model', { model: '' }],
    ['max_tokens', { max_tokens: undefined }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'Hello' }],
    ['messages.0.role', { messages: [{ role: 'tool', content: 'a' }] }],
    ['messages.0.content', { messages: [{ role: 'user' }] }],
    ['messages.0.content.0.text', userBlocks({ type: 'text' })],
    ['messages.0.content.0', userBlocks({ type: 'thinking', thinking: '', signature: '' })],
    [
      'messages.0.content.0.cache_control.ttl',
      userBlocks({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '2h' } }),
    ],
    ['system.0', { system: [{ type: 'image', source: {} }] }],
    ['stop_sequences.1', { stop_sequences: ['a', 1] }],
    ['temperature', { temperature: 'hot' }],
    ['tool_choice.type', { tool_choice: { type: 'maybe' } }],
    ['tools.0.input_schema', { tools: [{ name: 'f' }] }],
    ['stream', { stream: 'yes' }],
    ['service_tier', { service_tier: 'gold' }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
  ])('is malformed where %s is', ([param, more], { expect }) => {
    expect(error(() => decode(more))).toMatchObject(malformed(param))
  })
})

describe('an ask on its way to Anthropic', () => {
  const content = (messages: Message[]) => codec.encodeRequest(ask({ messages }))
  const say = (role: Message['role'], text: string): Message => ({ role, parts: [{ kind: 'text', text }] })
  const block = (text: string) => ({ type: 'text', text })

  it('has a cap of tokens though nobody gave one, and room for thinking beside it', ({ expect }) => {
    expect(codec.encodeRequest(ask())).toMatchObject({ max_tokens: DEFAULT_MAX_TOKENS })
    const thinking = { reasoning: { budgetTokens: 2000 } }
    expect(codec.encodeRequest(ask(thinking))).toMatchObject({ max_tokens: DEFAULT_MAX_TOKENS + 2000 })
  })

  it('has instructions first, and later ones between a user and the answer', ({ expect }) => {
    const messages = [say('system', '1'), say('system', '2'), say('user', 'a'), say('system', '3'), say('user', 'b')]
    expect(content([...messages, say('assistant', 'c'), say('system', '4'), say('user', 'd')])).toMatchObject({
      system: [block('1'), block('2')],
      messages: [
        { role: 'user', content: [block('a'), block('b')] },
        { role: 'system', content: [block('3')] },
        { role: 'assistant', content: [block('c')] },
        { role: 'user', content: [block('d')] },
        { role: 'system', content: [block('4')] },
      ],
    })
  })

  it('has one turn for messages of the same role, results before all else', ({ expect }) => {
    const result = (callId: string): Part => ({ kind: 'tool_result', callId, content: [] })
    const messages: Message[] = [
      { role: 'user', parts: [result('a')] },
      say('user', 'now'),
      { role: 'user', parts: [result('b'), { kind: 'text', text: '' }] },
    ]
    expect(content(messages).messages).toEqual([
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'a' }, { type: 'tool_result', tool_use_id: 'b' }, block('now')],
      },
    ])
  })

  it('brings signed thoughts back, and leaves out those that Anthropic could not know again', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'reasoning', text: 'hm', signature: 's', id: 'rs_1' },
      { kind: 'reasoning', text: '', redacted: 'r' },
      { kind: 'reasoning', text: 'of another vendor' },
      { kind: 'refusal', text: 'no' },
    ]
    expect(content([say('user', 'a'), { role: 'assistant', parts }]).messages).toMatchObject([
      {},
      {
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'redacted_thinking', data: 'r' },
          block('no'),
        ],
      },
    ])
  })

  it('names arguments that are no object as what they are', ({ expect }) => {
    const call = (args: string): Part => ({ kind: 'tool_call', id: 't', name: 'f', arguments: args })
    const parts = ['', '{"a":', '[1]'].map(call)
    const [{ content: blocks } = {}] = content([{ role: 'assistant', parts }]).messages as Json[]
    expect(blocks).toMatchObject([
      { input: {} },
      { input: { INVALID_JSON: '{"a":' } },
      { input: { INVALID_JSON: '[1]' } },
    ])
  })

  it('says what it is for in the schema, and asks for thinking as it was asked', ({ expect }) => {
    const output = { kind: 'schema', name: 'n', description: 'a list', schema: { description: 'of names' } } as const
    expect(codec.encodeRequest(ask({ output, reasoning: { effort: 'none' } }))).toMatchObject({
      thinking: { type: 'disabled' },
      output_config: { format: { type: 'json_schema', schema: { description: 'a list\n\nof names' } } },
    })
    expect(codec.encodeRequest(ask({ reasoning: { effort: 'low' } }))).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    })
    expect(codec.encodeRequest(ask({ reasoning: { isShown: false } }))).not.toHaveProperty('thinking')
  })

  it('has no choice among no tools, and one call at a time where that was asked', ({ expect }) => {
    expect(codec.encodeRequest(ask({ toolChoice: { kind: 'none' } }))).not.toHaveProperty('tool_choice')
    const tools = [{ name: 'f', schema: {} }]
    expect(codec.encodeRequest(ask({ tools, parallelToolCalls: false }))).toMatchObject({
      tools: [{ name: 'f', input_schema: { type: 'object' } }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
  })

  const data = (mediaType: string, base64 = 'AA==') => ({ kind: 'data', mediaType, base64 }) as const
  it.for<[string, Partial<ChatAsk>]>([
    ['n', { choices: 2 }],
    ['logprobs', { logprobs: { top: 0 } }],
    ['seed', { sampling: { seed: 0 } }],
    ['presence_penalty', { sampling: { presencePenalty: 0.5 } }],
    ['frequency_penalty', { sampling: { frequencyPenalty: -1 } }],
    ['logit_bias', { sampling: { logitBias: { 1: 5 } } }],
    ['response_format', { output: { kind: 'json' } }],
    ['reasoning_effort', { reasoning: { effort: 'minimal' } }],
    ['service_tier', { serviceTier: 'flex' }],
    ['messages', { messages: [say('system', 'a')] }],
    ['messages.1', { messages: [say('assistant', 'a'), say('system', 'b')] }],
    ['messages.0.name', { messages: [{ ...say('user', 'a'), name: 'Ann' }] }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'audio', source: data('audio/wav') }]) }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'image', source: data('image/png'), detail: 'low' }]) }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'image', source: data('text/html') }]) }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'file', source: data('text/csv') }]) }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'file', source: data('text/plain', '/w==') }]) }],
    ['messages.0.content.0', { messages: userSays([{ kind: 'tool_call', id: 't', name: 'f', arguments: '' }]) }],
    [
      'messages.0.content.0',
      { messages: [{ role: 'assistant', parts: [{ kind: 'image', source: data('image/png') }] }] },
    ],
    [
      'messages.0.content.0',
      { messages: [{ role: 'system', parts: [{ kind: 'image', source: data('image/png') }] }, say('user', 'a')] },
    ],
  ])('is refused for %s, which this wire has not', ([param, more], { expect }) => {
    expect(error(() => codec.encodeRequest(ask(more)))).toMatchObject(refused(param))
  })

  it('is not refused for what says nothing', ({ expect }) => {
    const sampling = { presencePenalty: 0, frequencyPenalty: 0, logitBias: {}, stop: [] }
    expect(codec.encodeRequest(ask({ sampling, output: { kind: 'text' }, metadata: { a: 'b' } }))).toEqual({
      model: 'claude',
      max_tokens: DEFAULT_MAX_TOKENS,
      messages: [{ role: 'user', content: [block('Hello')] }],
    })
  })
})
