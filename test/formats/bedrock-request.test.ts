import { describe, it } from 'vitest'
import { bedrockConverseCodec as codec } from '../../workers/formats/bedrock-converse/bedrock-converse-codec.ts'
import type { ChatAsk, Part } from '../../workers/formats/chat.ts'
import { makeAsk, refusalOf, said } from './make-ask.ts'

const CLAUDE = 'eu.anthropic.claude-opus-5'
const NOVA = 'us.amazon.nova-2-lite-v1:0'
const GPT = 'openai.gpt-oss-120b-1:0'

const askClaude = (change: Partial<ChatAsk>) => makeAsk({ model: CLAUDE, ...change })
const encoded = (change: Partial<ChatAsk>) => codec.encodeRequest(askClaude(change))
const TOOL = { name: 'weather', description: 'Tells it.', schema: { type: 'object' } }
const CALL: Part = { kind: 'tool_call', id: 't1', name: 'weather', arguments: '{"city":"Rome"}' }
const PNG = { kind: 'data', mediaType: 'image/png', base64: 'iVBO' } as const

describe('a request to Converse', () => {
  it('says only what was asked', ({ expect }) => {
    expect(encoded({})).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] })
  })

  it('puts the first instructions into system and leaves later ones in their place', ({ expect }) => {
    const messages = [
      { role: 'system', parts: [{ kind: 'text', text: 'a', cache: { ttl: '1h' } }] },
      { role: 'system', parts: [{ kind: 'text', text: 'b' }] },
      said({ kind: 'text', text: 'one' }),
      said({ kind: 'text', text: 'two', cache: { ttl: '5m' } }),
      { role: 'system', parts: [{ kind: 'text', text: 'late' }] },
    ] satisfies ChatAsk['messages']
    expect(encoded({ messages })).toEqual({
      system: [{ text: 'a' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'b' }],
      messages: [
        { role: 'user', content: [{ text: 'one' }, { text: 'two' }, { cachePoint: { type: 'default' } }] },
        { role: 'system', content: [{ text: 'late' }] },
      ],
    })
  })

  it('carries pictures, sounds and documents, as bytes and from S3', ({ expect }) => {
    const parts: Part[] = [
      { kind: 'image', source: PNG, detail: 'high' },
      { kind: 'image', source: { kind: 'url', url: 's3://bucket/cat.JPG' } },
      { kind: 'audio', source: { kind: 'data', mediaType: 'audio/wav', base64: 'UklG' } },
      {
        kind: 'file',
        source: { kind: 'data', mediaType: 'text/plain; charset=utf-8', base64: 'aGk=' },
        name: 'a.b_c.txt',
      },
      { kind: 'file', source: { kind: 'data', mediaType: 'application/pdf', base64: 'JVBE' }, name: 'a-b-c.pdf' },
      { kind: 'file', source: { kind: 'url', url: 's3://bucket/x.docx' } },
    ]
    const [message] = encoded({ messages: [said(...parts)] }).messages as { content: unknown }[]
    expect(message?.content).toEqual([
      { image: { format: 'png', source: { bytes: 'iVBO' } } },
      { image: { format: 'jpeg', source: { s3Location: { uri: 's3://bucket/cat.JPG' } } } },
      { audio: { format: 'wav', source: { bytes: 'UklG' } } },
      { document: { format: 'txt', name: 'a-b-c', source: { bytes: 'aGk=' } } },
      { document: { format: 'pdf', name: 'a-b-c (2)', source: { bytes: 'JVBE' } } },
      { document: { format: 'docx', name: 'document', source: { s3Location: { uri: 's3://bucket/x.docx' } } } },
    ])
  })

  it('carries calls and their results, digit for digit, with marks and errors', ({ expect }) => {
    const messages: ChatAsk['messages'] = [
      {
        role: 'assistant',
        parts: [
          { kind: 'text', text: '' },
          {
            kind: 'tool_call',
            id: 't1',
            name: 'weather',
            arguments: '{"n":12345678901234567890}',
            signature: 'gemini',
          },
          { kind: 'tool_call', id: 't2', name: 'weather', arguments: '' },
        ],
      },
      said(
        {
          kind: 'tool_result',
          callId: 't1',
          content: [
            { kind: 'text', text: '20', cache: { ttl: '1h' } },
            { kind: 'image', source: PNG },
          ],
        },
        { kind: 'tool_result', callId: 't2', content: [], isError: true },
      ),
    ]
    const body = encoded({ messages, tools: [TOOL] })
    expect(JSON.stringify(body.messages)).toBe(
      JSON.stringify([
        {
          role: 'assistant',
          content: [
            { toolUse: { toolUseId: 't1', name: 'weather', input: 'N' } },
            { toolUse: { toolUseId: 't2', name: 'weather', input: {} } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              toolResult: {
                toolUseId: 't1',
                content: [{ text: '20' }, { image: { format: 'png', source: { bytes: 'iVBO' } } }],
              },
            },
            { cachePoint: { type: 'default', ttl: '1h' } },
            { toolResult: { toolUseId: 't2', content: [], status: 'error' } },
          ],
        },
      ]).replace('"N"', '{"n":12345678901234567890}'),
    )
  })

  it.for([
    { choice: { kind: 'auto' }, wire: { auto: {} } },
    { choice: { kind: 'required' }, wire: { any: {} } },
    { choice: { kind: 'tool', name: 'weather' }, wire: { tool: { name: 'weather' } } },
    { choice: undefined, wire: undefined },
  ] as const)('says which tools to call: $wire', ({ choice, wire }, { expect }) => {
    const tools = [{ ...TOOL, strict: true, cache: { ttl: '5m' } as const }]
    expect(encoded({ tools, ...(choice && { toolChoice: choice }) }).toolConfig).toEqual({
      tools: [
        {
          toolSpec: {
            name: 'weather',
            description: 'Tells it.',
            inputSchema: { json: { type: 'object' } },
            strict: true,
          },
        },
        { cachePoint: { type: 'default' } },
      ],
      toolChoice: wire,
    })
  })

  it('names no tools where none may be called', ({ expect }) => {
    expect(encoded({ tools: [TOOL], toolChoice: { kind: 'none' } }).toolConfig).toBeUndefined()
  })

  it('says sampling, caps, shape, tier and metadata', ({ expect }) => {
    const body = encoded({
      sampling: { temperature: 0.5, topP: 0.9, topK: 40, stop: ['END'], presencePenalty: 0, logitBias: {} },
      maxOutputTokens: 100,
      output: { kind: 'schema', name: 'city', description: 'A city', schema: { type: 'object' }, strict: true },
      serviceTier: 'flex',
      metadata: { team: 'red' },
      user: 'u1',
      wantsStreamUsage: true,
      parallelToolCalls: true,
      isStream: true,
    })
    expect(body).toEqual({
      messages: [{ role: 'user', content: [{ text: 'hi' }] }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 40 },
      additionalModelResponseFieldPaths: ['/delta/stop_sequence'],
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: { jsonSchema: { name: 'city', description: 'A city', schema: '{"type":"object"}' } },
        },
      },
      serviceTier: { type: 'flex' },
      requestMetadata: { team: 'red' },
    })
  })

  it.for([
    { model: CLAUDE, reasoning: { budgetTokens: 2000 }, own: { thinking: { type: 'enabled', budget_tokens: 2000 } } },
    {
      model: CLAUDE,
      reasoning: { effort: 'xhigh', isShown: true },
      own: { thinking: { type: 'adaptive', display: 'summarized' } },
      effort: 'xhigh',
    },
    { model: CLAUDE, reasoning: { effort: 'none' }, own: { thinking: { type: 'disabled' } } },
    { model: CLAUDE, reasoning: { budgetTokens: 0 }, own: { thinking: { type: 'disabled' } } },
    {
      model: NOVA,
      reasoning: { effort: 'low' },
      own: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
    },
    { model: NOVA, reasoning: { effort: 'none' }, own: { reasoningConfig: { type: 'disabled' } } },
    { model: GPT, reasoning: { effort: 'high' }, own: { reasoning_effort: 'high' } },
    { model: 'meta.llama4', reasoning: { isShown: true }, own: undefined },
  ] as const)('says $reasoning to $model in its own words', ({ model, reasoning, own, ...rest }, { expect }) => {
    const body = codec.encodeRequest(makeAsk({ model, reasoning }))
    expect(body.additionalModelRequestFields).toEqual(own)
    expect(body.outputConfig).toEqual('effort' in rest ? { effort: rest.effort } : undefined)
  })

  it('says top_k to Nova in its own words', ({ expect }) => {
    const body = codec.encodeRequest(makeAsk({ model: NOVA, sampling: { topK: 20 } }))
    expect(body.additionalModelRequestFields).toEqual({ inferenceConfig: { topK: 20 } })
  })

  it('leaves thoughts without a signature out for Anthropic, who would refuse them, and for nobody else', ({
    expect,
  }) => {
    const messages: ChatAsk['messages'] = [
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'hm' },
          { kind: 'text', text: 'ok' },
        ],
      },
    ]
    const contentFor = (model: string) => codec.encodeRequest(makeAsk({ model, messages })).messages
    expect(contentFor(CLAUDE)).toEqual([{ role: 'assistant', content: [{ text: 'ok' }] }])
    expect(contentFor('deepseek.r1')).toEqual([
      { role: 'assistant', content: [{ reasoningContent: { reasoningText: { text: 'hm' } } }, { text: 'ok' }] },
    ])
  })

  const inMessage = (part: Part) => ({ messages: [said({ kind: 'text', text: 'see' }, part)] })
  it.for<{ param: string; ask: Partial<ChatAsk>; code?: string }>([
    { param: 'n', ask: { choices: 2 } },
    { param: 'logprobs', ask: { logprobs: { top: 0 } } },
    { param: 'seed', ask: { sampling: { seed: 0 } } },
    { param: 'presence_penalty', ask: { sampling: { presencePenalty: 1 } } },
    { param: 'frequency_penalty', ask: { sampling: { frequencyPenalty: -1 } } },
    { param: 'logit_bias', ask: { sampling: { logitBias: { '5': 1 } } } },
    { param: 'response_format', ask: { output: { kind: 'json' } } },
    { param: 'service_tier', ask: { serviceTier: 'scale' } },
    { param: 'parallel_tool_calls', ask: { tools: [TOOL], parallelToolCalls: false } },
    { param: 'tool_choice', ask: { toolChoice: { kind: 'required' } } },
    {
      param: 'tool_choice',
      ask: { tools: [TOOL], toolChoice: { kind: 'none' }, messages: [{ role: 'assistant', parts: [CALL] }] },
    },
    { param: 'reasoning_effort', ask: { reasoning: { effort: 'minimal' } } },
    { param: 'reasoning_effort', ask: { model: NOVA, reasoning: { effort: 'xhigh' } } },
    { param: 'reasoning_effort', ask: { model: GPT, reasoning: { effort: 'none' } } },
    { param: 'reasoning_effort', ask: { model: GPT, reasoning: { budgetTokens: 0 } } },
    {
      param: 'reasoning_effort',
      ask: { model: 'arn:aws:bedrock:::application-inference-profile/x', reasoning: { effort: 'low' } },
    },
    { param: 'thinking.budget_tokens', ask: { model: NOVA, reasoning: { budgetTokens: 1 } } },
    { param: 'thinking.budget_tokens', ask: { model: 'deepseek.r1', reasoning: { budgetTokens: 1 } } },
    { param: 'top_k', ask: { model: GPT, sampling: { topK: 1 } } },
    { param: 'top_k', ask: { model: 'meta.llama4', sampling: { topK: 1 } } },
    { param: 'messages.0.name', ask: { messages: [{ ...said({ kind: 'text', text: 'x' }), name: 'ann' }] } },
    { param: 'messages.0.content', ask: { messages: [{ role: 'system', parts: [{ kind: 'image', source: PNG }] }] } },
    {
      param: 'messages.0.content.1',
      ask: inMessage({ kind: 'image', source: { kind: 'url', url: 'https://x/a.png' } }),
    },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'file', source: { kind: 'id', id: 'file-1' } }) },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'image', source: { ...PNG, mediaType: 'image/tiff' } }) },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'file', source: { ...PNG, mediaType: 'constructor' } }) },
    { param: 'messages.0.content.1', ask: inMessage({ kind: 'tool_result', callId: 't', content: [CALL] }) },
    { param: 'messages.0.content.1', ask: inMessage({ ...CALL, arguments: '{"a":' }), code: 'request_invalid' },
  ])('refuses by name: $param of $ask', ({ param, ask, code = 'untranslatable' }, { expect }) => {
    expect(refusalOf(() => encoded(ask))).toEqual({ code, param })
  })
})
