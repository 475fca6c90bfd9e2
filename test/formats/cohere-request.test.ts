import { describe, it } from 'vitest'
import type { ChatAsk, Part } from '../../workers/formats/chat.ts'
import { cohereChatCodec as codec } from '../../workers/formats/cohere-chat/cohere-chat-codec.ts'
import { makeAsk, refusalOf, said } from './make-ask.ts'

const encoded = (change: Partial<ChatAsk>) => codec.encodeRequest(makeAsk(change))
const tool = (name: string, strict?: boolean) => ({
  name,
  schema: { type: 'object' },
  ...(strict !== undefined && { strict }),
})
const PNG = { kind: 'data', mediaType: 'image/png', base64: 'iVBO' } as const
const CALL: Part = { kind: 'tool_call', id: 't1', name: 'weather', arguments: '{"city":"Rome"}' }

describe('a request to Cohere', () => {
  it('says only what was asked', ({ expect }) => {
    expect(encoded({})).toEqual({
      model: 'some-model',
      stream: false,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
    })
  })

  it('keeps instructions in their place, and makes a message of each tool result', ({ expect }) => {
    const messages: ChatAsk['messages'] = [
      { role: 'system', parts: [{ kind: 'text', text: 'be brief', cache: { ttl: '5m' } }] },
      said(
        { kind: 'image', source: PNG, detail: 'low' },
        { kind: 'image', source: { kind: 'url', url: 'https://x/a' } },
      ),
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'hm', signature: 'lost' },
          { kind: 'reasoning', text: '', redacted: 'lost' },
          { kind: 'reasoning', text: 'I will look.', id: 'tool_plan' },
          CALL,
          { ...CALL, id: 't2', arguments: '' },
        ],
      },
      said(
        { kind: 'tool_result', callId: 't1', content: [{ kind: 'text', text: '20' }], isError: true },
        { kind: 'tool_result', callId: 't2', content: [] },
        { kind: 'text', text: 'and?' },
        { kind: 'text', text: 'well?' },
      ),
      { role: 'system', parts: [{ kind: 'text', text: 'late' }] },
      { role: 'assistant', parts: [{ kind: 'refusal', text: 'no' }] },
    ]
    expect(encoded({ messages }).messages).toEqual([
      { role: 'system', content: [{ type: 'text', text: 'be brief' }] },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBO', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'https://x/a' } },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'thinking', thinking: 'hm' }],
        tool_plan: 'I will look.',
        tool_calls: [
          { id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
          { id: 't2', type: 'function', function: { name: 'weather', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 't1', content: [{ type: 'text', text: '20' }] },
      { role: 'tool', tool_call_id: 't2', content: '' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'and?' },
          { type: 'text', text: 'well?' },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 'late' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'no' }] },
    ])
  })

  it('says sampling, caps, shape, thinking and logprobs', ({ expect }) => {
    const schema = { type: 'object', properties: {} }
    const body = encoded({
      isStream: true,
      maxOutputTokens: 9,
      sampling: {
        temperature: 0,
        topP: 0.5,
        topK: 3,
        seed: 1,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        stop: ['E'],
      },
      output: { kind: 'schema', name: 'x', schema },
      reasoning: { budgetTokens: 500, isShown: true },
      logprobs: { top: 0 },
      serviceTier: 'auto',
      user: 'u',
      metadata: { a: 'b' },
    })
    expect({ ...body, messages: undefined }).toEqual({
      model: 'some-model',
      stream: true,
      max_tokens: 9,
      temperature: 0,
      p: 0.5,
      k: 3,
      seed: 1,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop_sequences: ['E'],
      response_format: { type: 'json_object', json_schema: schema },
      thinking: { type: 'enabled', token_budget: 500 },
      logprobs: true,
    })
  })

  it('says JSON without a schema, and no thinking', ({ expect }) => {
    const body = encoded({ output: { kind: 'json' }, reasoning: { effort: 'none' } })
    expect(body).toMatchObject({ response_format: { type: 'json_object' }, thinking: { type: 'disabled' } })
    expect(encoded({ reasoning: { budgetTokens: 0 } }).thinking).toEqual({ type: 'disabled' })
  })

  it.for([
    {
      tools: [tool('a', true), tool('b', true)],
      choice: { kind: 'required' },
      says: { strict_tools: true, tool_choice: 'REQUIRED' },
    },
    { tools: [tool('a'), tool('b', false)], choice: { kind: 'none' }, says: { tool_choice: 'NONE' } },
    { tools: [tool('a')], choice: { kind: 'tool', name: 'a' }, says: { tool_choice: 'REQUIRED' } },
    { tools: [tool('a')], choice: { kind: 'auto' }, says: {} },
  ] as const)('says $says', ({ tools, choice, says }, { expect }) => {
    const {
      model: _model,
      stream: _stream,
      messages: _messages,
      ...body
    } = encoded({ tools: [...tools], toolChoice: choice })
    const wire = tools.map(({ name }) => ({ type: 'function', function: { name, parameters: { type: 'object' } } }))
    expect(body).toEqual({ tools: wire, ...says })
  })

  const inMessage = (part: Part) => ({ messages: [said({ kind: 'text', text: 'see' }, part)] })
  it.for<{ param: string; ask: Partial<ChatAsk> }>([
    { param: 'n', ask: { choices: 2 } },
    { param: 'top_logprobs', ask: { logprobs: { top: 1 } } },
    { param: 'logit_bias', ask: { sampling: { logitBias: { '5': 1 } } } },
    { param: 'service_tier', ask: { serviceTier: 'flex' } },
    { param: 'reasoning_effort', ask: { reasoning: { effort: 'low' } } },
    { param: 'parallel_tool_calls', ask: { tools: [tool('a')], parallelToolCalls: false } },
    { param: 'tools.1.strict', ask: { tools: [tool('a', true), tool('b')] } },
    { param: 'tool_choice', ask: { tools: [tool('a'), tool('b')], toolChoice: { kind: 'tool', name: 'a' } } },
    { param: 'messages.0.name', ask: { messages: [{ ...said({ kind: 'text', text: 'x' }), name: 'ann' }] } },
    { param: 'messages.0.content.0', ask: { messages: [{ role: 'system', parts: [{ kind: 'image', source: PNG }] }] } },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'file', source: PNG }) },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'audio', source: PNG }) },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'image', source: { kind: 'id', id: 'f' } }) },
    {
      param: 'messages.0.content.1',
      ask: inMessage({ kind: 'tool_result', callId: 't', content: [{ kind: 'image', source: PNG }] }),
    },
    {
      param: 'messages.0.content.0',
      ask: { messages: [{ role: 'assistant', parts: [{ kind: 'image', source: PNG }] }] },
    },
  ])('refuses by name: $param of $ask', ({ param, ask }, { expect }) => {
    expect(refusalOf(() => encoded(ask))).toEqual({ code: 'untranslatable', param })
  })
})
