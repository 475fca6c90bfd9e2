import fc from 'fast-check'
import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import { asRecord } from '../../workers/formats/as-record.ts'
import type { ChatAsk, Message, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { openaiResponsesCodec as codec } from '../../workers/formats/openai-responses/openai-responses-codec.ts'
import { ASK as STREAMED } from './responses-stream.ts'

const ASK: ChatAsk = { ...STREAMED, isStream: false }

function decode(members: Json): ChatAsk {
  return codec.decodeRequest({ model: 'm', input: 'hi', ...members })
}

function messagesOf(input: unknown): Message[] {
  return decode({ input }).messages
}

function partsOf(item: unknown): Part[] | undefined {
  return messagesOf([item])[0]?.parts
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

describe('a request of a client', () => {
  it('is read with all that it says', ({ expect }) => {
    const ask = decode({
      instructions: 'Be brief.',
      input: [
        { role: 'developer', content: 'No jokes.' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
      ],
      tools: [{ type: 'function', name: 'weather', description: 'Now', parameters: { type: 'object' }, strict: true }],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: false,
      text: {
        format: { type: 'json_schema', name: 'out', schema: { type: 'object' }, strict: true },
        verbosity: 'medium',
      },
      reasoning: { effort: 'low', summary: 'detailed' },
      max_output_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 2,
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      metadata: { run: '7' },
      safety_identifier: 'u1',
      user: 'older',
      service_tier: 'flex',
      stream: true,
    })
    expect(ask).toEqual({
      model: 'm',
      messages: [
        { role: 'system', parts: [{ kind: 'text', text: 'Be brief.' }] },
        { role: 'system', parts: [{ kind: 'text', text: 'No jokes.' }] },
        { role: 'user', parts: [{ kind: 'text', text: 'Weather?' }] },
      ],
      tools: [{ name: 'weather', description: 'Now', schema: { type: 'object' }, strict: true }],
      toolChoice: { kind: 'tool', name: 'weather' },
      parallelToolCalls: false,
      output: { kind: 'schema', name: 'out', schema: { type: 'object' }, strict: true },
      sampling: { temperature: 0.5, topP: 0.9 },
      maxOutputTokens: 100,
      choices: 1,
      logprobs: { top: 2 },
      reasoning: { effort: 'low', isShown: true },
      serviceTier: 'flex',
      user: 'u1',
      metadata: { run: '7' },
      isStream: true,
      wantsStreamUsage: true,
    })
  })

  it('may be a mere text, and may have a word for what is so anyway', ({ expect }) => {
    const hints = { store: true, prompt_cache_key: 'k', prompt_cache_retention: '24h', stream_options: {} }
    const said = { background: false, truncation: 'disabled', conversation: null, tools: [], stop: undefined }
    expect(decode({ ...hints, ...said })).toEqual(ASK)
  })

  it('has its calls and their results in turns', ({ expect }) => {
    const messages = messagesOf([
      { role: 'user', content: 'Both?' },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Two calls.' }],
        encrypted_content: 'sig',
      },
      {
        type: 'message',
        role: 'assistant',
        id: 'msg_1',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Look:', annotations: [] }],
      },
      { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'a', arguments: '{}', status: 'completed' },
      { type: 'function_call', id: 'fc_2', call_id: 'c2', name: 'b', arguments: '{"x":1}' },
      { type: 'function_call_output', call_id: 'c1', output: 'one' },
      {
        type: 'function_call_output',
        call_id: 'c2',
        output: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }],
      },
      { role: 'user', content: 'Go on.' },
    ])
    const png = { kind: 'data', mediaType: 'image/png', base64: 'AAAA' }
    expect(messages).toEqual([
      { role: 'user', parts: [{ kind: 'text', text: 'Both?' }] },
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'Two calls.', signature: 'sig', id: 'rs_1' },
          { kind: 'text', text: 'Look:' },
          { kind: 'tool_call', id: 'c1', name: 'a', arguments: '{}' },
          { kind: 'tool_call', id: 'c2', name: 'b', arguments: '{"x":1}' },
        ],
      },
      {
        role: 'user',
        parts: [
          { kind: 'tool_result', callId: 'c1', content: [{ kind: 'text', text: 'one' }] },
          { kind: 'tool_result', callId: 'c2', content: [{ kind: 'image', source: png }] },
        ],
      },
      { role: 'user', parts: [{ kind: 'text', text: 'Go on.' }] },
    ])
  })

  it.for([
    [
      { type: 'input_text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit' } },
      { kind: 'text', text: 'a', cache: { ttl: '1h' } },
    ],
    [
      { type: 'input_image', image_url: 'https://x/y.png', detail: 'low' },
      { kind: 'image', source: { kind: 'url', url: 'https://x/y.png' }, detail: 'low' },
    ],
    [
      { type: 'input_image', file_id: 'file-1' },
      { kind: 'image', source: { kind: 'id', id: 'file-1' } },
    ],
    [
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,QQ==', detail: 'auto' },
      { kind: 'file', name: 'a.pdf', source: { kind: 'data', mediaType: 'application/pdf', base64: 'QQ==' } },
    ],
    [
      { type: 'input_file', file_url: 'https://x/a.pdf' },
      { kind: 'file', source: { kind: 'url', url: 'https://x/a.pdf' } },
    ],
    [
      { type: 'input_file', file_id: 'file-2' },
      { kind: 'file', source: { kind: 'id', id: 'file-2' } },
    ],
    [
      { type: 'input_audio', input_audio: { data: 'QQ==', format: 'mp3' } },
      { kind: 'audio', source: { kind: 'data', mediaType: 'audio/mpeg', base64: 'QQ==' } },
    ],
  ] as [Json, Json][])('has parts of all kinds: %j', ([content, part], { expect }) => {
    expect(partsOf({ role: 'user', content: [content] })).toEqual([part])
  })

  it('has plain numbers, however long they were written', ({ expect }) => {
    const body =
      '{"model":"m","input":"hi","temperature":1.0,"max_output_tokens":1e3,"tools":[{"type":"function","name":"f","parameters":{"max":1.50}}]}'
    const ask = codec.decodeRequest(asRecord(parseLossless(body)))
    expect(ask).toMatchObject({
      sampling: { temperature: 1 },
      maxOutputTokens: 1000,
      tools: [{ schema: { max: 1.5 } }],
    })
    expect(ask.tools[0]?.schema.max).toBe(1.5)
  })

  it('has a log probability for each token where it asks for any', ({ expect }) => {
    expect(decode({ include: ['message.output_text.logprobs'] }).logprobs).toEqual({ top: 0 })
    expect(decode({ top_logprobs: 0 }).logprobs).toBeUndefined()
  })
})

const UNTRANSLATABLE: [string, Json][] = [
  ['previous_response_id', { previous_response_id: 'resp_1' }],
  ['conversation', { conversation: { id: 'conv_1' } }],
  ['prompt', { prompt: { id: 'pmpt_1' } }],
  ['background', { background: true }],
  ['truncation', { truncation: 'auto' }],
  ['context_management', { context_management: [{ type: 'compaction' }] }],
  ['max_tool_calls', { max_tool_calls: 3 }],
  ['moderation', { moderation: { model: 'x' } }],
  ['seed', { seed: 1 }],
  ['text.verbosity', { text: { verbosity: 'low' } }],
  ['text.format.strictness', { text: { format: { type: 'text', strictness: 1 } } }],
  ['reasoning.effort', { reasoning: { effort: 'max' } }],
  ['reasoning.mode', { reasoning: { mode: 'pro' } }],
  ['reasoning.context', { reasoning: { context: 'all_turns' } }],
  ...[
    'web_search',
    'file_search',
    'computer_use_preview',
    'mcp',
    'code_interpreter',
    'image_generation',
    'custom',
    'shell',
  ].map((type): [string, Json] => ['tools.0.type', { tools: [{ type, name: 'x' }] }]),
  ['tools.0.defer_loading', { tools: [{ type: 'function', name: 'x', defer_loading: true }] }],
  ['tool_choice.type', { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } }],
  ...[
    'item_reference',
    'web_search_call',
    'computer_call',
    'custom_tool_call',
    'mcp_call',
    'compaction',
    'toString',
  ].map((type): [string, Json] => ['input.0.type', { input: [{ type, id: 'x' }] }]),
  ['input.0.namespace', { input: [{ type: 'function_call', call_id: 'c', name: 'n', arguments: '', namespace: 's' }] }],
  [
    'input.0.caller',
    { input: [{ type: 'function_call', call_id: 'c', name: 'n', arguments: '', caller: { type: 'program' } }] },
  ],
  [
    'input.0.content.0.detail',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://x', detail: 'original' }] }] },
  ],
  ['input.0.content.0.file_data', { input: [{ role: 'user', content: [{ type: 'input_file', file_data: 'QQ==' }] }] }],
]

const MALFORMED: [string, Json][] = [
  ['model', { model: 7 }],
  ['input', { input: undefined }],
  ['input', { input: [] }],
  ['input.0', { input: [null] }],
  ['input.0', { input: ['text'] }],
  ['input.0.type', { input: [{}] }],
  ['input.0.role', { input: [{ role: 'tool', content: 'x' }] }],
  ['input.0.content.0.type', { input: [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }] }],
  ['input.0.content.0.image_url', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
  [
    'input.0.content.0.image_url',
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:oops' }] }] },
  ],
  ['input.0.call_id', { input: [{ type: 'function_call_output', output: 'x' }] }],
  ['input.0.summary.0.text', { input: [{ type: 'reasoning', summary: [{}] }] }],
  ['instructions', { instructions: ['x'] }],
  ['temperature', { temperature: 'hot' }],
  ['max_output_tokens', { max_output_tokens: 1.5 }],
  ['stream', { stream: 'yes' }],
  ['tools', { tools: {} }],
  ['tools.0.name', { tools: [{ type: 'function' }] }],
  ['tool_choice', { tool_choice: 'any' }],
  ['text', { text: 'json' }],
  ['text.format.type', { text: { format: { type: 'xml' } } }],
  ['reasoning.effort', { reasoning: { effort: 'huge' } }],
  ['metadata.a', { metadata: { a: 1 } }],
]

describe('what a client may not say', () => {
  it.for(UNTRANSLATABLE)('is refused by its own name: %s %j', ([param, members], { expect }) => {
    expect(refusalOf(() => decode(members))).toEqual({ code: 'untranslatable', param })
  })

  it.for(MALFORMED)('is named where it is malformed: %s %j', ([param, members], { expect }) => {
    expect(refusalOf(() => decode(members))).toEqual({ code: 'request_invalid', param })
  })

  it('is never answered with anything but a refusal of ours', ({ expect }) => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('input', 'tools', 'text', 'reasoning', 'include', 'tool_choice'), fc.jsonValue()),
        members => {
          const refusal = refusalOf(() => decode(members as Json))
          expect(['request_invalid', 'untranslatable', undefined]).toContain(refusal?.code)
        },
      ),
    )
  })
})
