import { describe, it } from 'vitest'
import { parseLossless } from '../../workers/contracts/lossless-json.ts'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import type { ChatAsk, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { geminiCodec } from '../../workers/formats/gemini/gemini-codec.ts'

const MODEL = 'gemini-3-pro'
const HELLO = [{ role: 'user', parts: [{ text: 'Hello' }] }]

function decode(body: Json, isStream = false): ChatAsk {
  return geminiCodec.decodeRequest(body, { model: MODEL, isStream })
}

function askOf(more: Partial<ChatAsk> = {}): ChatAsk {
  const messages: ChatAsk['messages'] = [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }]
  return { model: MODEL, messages, tools: [], sampling: {}, choices: 1, isStream: false, ...more }
}

/** What was thrown, as `code param`. */
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof GatewayError) return `${thrown.code} ${thrown.extras.param}`
    throw thrown
  }
  return 'nothing was refused'
}

const call = (name: string, args: object = {}) => ({ functionCall: { name, args } })
const response = (name: string, output: string) => ({ functionResponse: { name, response: { output } } })
const tool = { functionDeclarations: [{ name: 'f' }] }
const calling = (functionCallingConfig: Json) => ({
  tools: [{ functionDeclarations: ['f', 'g', 'h'].map(name => ({ name })) }],
  toolConfig: { functionCallingConfig },
})

describe('a request on Gemini’s wire', () => {
  it('is read as Google’s curl examples write it: in snake case, one part without a list', ({ expect }) => {
    const ask = decode({
      system_instruction: { parts: { text: 'Be short.' } },
      contents: [{ parts: [{ text: 'What is it?' }, { inline_data: { mime_type: 'image/png', data: '-_8=' } }] }],
      generation_config: { max_output_tokens: 9, stop_sequences: ['x'] },
      safety_settings: [],
    })
    expect(ask).toEqual({
      ...askOf({ sampling: { stop: ['x'] }, maxOutputTokens: 9 }),
      messages: [
        { role: 'system', parts: [{ kind: 'text', text: 'Be short.' }] },
        {
          role: 'user',
          parts: [
            { kind: 'text', text: 'What is it?' },
            // Google's SDK for Python writes base64 in the URL-safe alphabet, which no other vendor reads.
            { kind: 'image', source: { kind: 'data', mediaType: 'image/png', base64: '+/8=' } },
          ],
        },
      ],
    })
  })

  it('has its model and its streaming in the path, and always asks for usage', ({ expect }) => {
    const ask = geminiCodec.decodeRequest({ contents: HELLO }, { model: 'models/gemini-2.5-pro', isStream: true })
    expect(ask).toMatchObject({ model: 'gemini-2.5-pro', isStream: true, wantsStreamUsage: true })
    expect(refusal(() => geminiCodec.decodeRequest({ contents: HELLO }))).toBe('request_invalid model')
  })

  it('has ids for calls without any, and gives each result to the first open call of its name', ({ expect }) => {
    const contents = [
      ...HELLO,
      { role: 'model', parts: [call('f', { n: 1 }), call('g'), call('f', { n: 2 })] },
      { role: 'user', parts: [response('f', 'one'), response('f', 'two'), response('g', 'three')] },
      { role: 'model', parts: [call('f')] },
      { role: 'function', parts: [response('f', 'four')] },
    ]
    const { messages } = decode({ contents })
    const ids = messages.map(({ parts }) =>
      parts.map(part => ('callId' in part ? part.callId : 'id' in part && part.id)),
    )
    expect(ids).toEqual([
      [false],
      ['call_0', 'call_1', 'call_2'],
      ['call_0', 'call_2', 'call_1'],
      ['call_3'],
      ['call_3'],
    ])
    // The same calls have the same ids when the chat goes on.
    expect(decode({ contents: contents.slice(0, 3) }).messages).toEqual(messages.slice(0, 3))
    const orphan = [...HELLO, { role: 'user', parts: [response('f', 'one')] }]
    expect(refusal(() => decode({ contents: orphan }))).toBe('request_invalid contents.1.parts.0.functionResponse')
  })

  it('keeps the digits of arguments', ({ expect }) => {
    const body = parseLossless(
      '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"n":1.0}}}]}]}',
    )
    expect(decode(body as Json).messages[0]?.parts[0]).toMatchObject({ arguments: '{"n":1.0}' })
  })

  it('has JSON Schema where it says OpenAPI', ({ expect }) => {
    const parameters = {
      type: 'OBJECT',
      property_ordering: ['b', 'a'],
      properties: {
        a: { type: 'STRING', format: 'enum', enum: ['x'], nullable: true, example: 'x' },
        b: { type: 'ARRAY', items: { anyOf: [{ type: 'INTEGER' }], nullable: true }, maxItems: '3' },
        type: { type: 'NUMBER', format: 'double', minimum: 1 },
      },
      required: ['a'],
    }
    const [read] = decode({ contents: HELLO, tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }).tools
    expect(read?.schema).toEqual({
      type: 'object',
      properties: {
        b: { type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'null' }] }, maxItems: 3 },
        a: { type: ['string', 'null'], enum: ['x', null], examples: ['x'] },
        type: { type: 'number', format: 'double', minimum: 1 },
      },
      required: ['a'],
    })
    expect(Object.keys(read?.schema.properties ?? {})).toEqual(['b', 'a', 'type'])
  })

  it.for<[Json, ChatAsk['toolChoice']]>([
    [{}, { kind: 'auto' }],
    [{ mode: 'AUTO' }, { kind: 'auto' }],
    [{ mode: 'NONE' }, { kind: 'none' }],
    [{ mode: 'ANY' }, { kind: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['g'] },
      { kind: 'tool', name: 'g' },
    ],
    [{ mode: 'ANY', allowedFunctionNames: ['h', 'f', 'g'] }, { kind: 'required' }],
  ])('chooses tools by %j', ([config, toolChoice], { expect }) => {
    expect(decode({ contents: HELLO, ...calling(config) }).toolChoice).toEqual(toolChoice)
  })

  it.for<[string, Json]>([
    ['safetySettings', { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }] }],
    ['cachedContent', { cachedContent: 'cachedContents/1' }],
    ['cached_content', { cached_content: 'cachedContents/1' }],
    ['x_new', { x_new: 1 }],
    ['tools.1.googleSearch', { tools: [tool, { googleSearch: {} }] }],
    ['tools.0.codeExecution', { tools: [{ codeExecution: {} }] }],
    ['tools.0.functionDeclarations.0.response', { tools: [{ functionDeclarations: [{ name: 'f', response: {} }] }] }],
    ['toolConfig.retrievalConfig', { toolConfig: { retrievalConfig: {} } }],
    [
      'toolConfig.functionCallingConfig.allowedFunctionNames',
      calling({ mode: 'ANY', allowedFunctionNames: ['f', 'g'] }),
    ],
    ['generationConfig.speechConfig', { generationConfig: { speechConfig: {} } }],
    ['generationConfig.responseModalities', { generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }],
    ['generationConfig.responseMimeType', { generationConfig: { responseMimeType: 'text/x.enum' } }],
    ['generationConfig.mediaResolution', { generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' } }],
    ['contents.0.parts.0.executableCode', { contents: [{ parts: [{ executableCode: { code: '1' } }] }] }],
    ['contents.0.parts.0.videoMetadata', { contents: [{ parts: [{ text: 'a', videoMetadata: { fps: 1 } }] }] }],
  ])('is refused by name: %s', ([param, body], { expect }) => {
    expect(refusal(() => decode({ contents: HELLO, ...body }))).toBe(`untranslatable ${param}`)
  })

  it.for<[string, Json]>([
    ['contents', { contents: [] }],
    ['contents.0', { contents: ['Hello'] }],
    ['contents.0.role', { contents: [{ role: 'system', parts: [{ text: 'a' }] }] }],
    ['contents.0.parts.0', { contents: [{ parts: [{}] }] }],
    ['contents.0.parts.0', { contents: [{ parts: [{ text: 'a', functionCall: { name: 'f' } }] }] }],
    ['contents.0.parts.0.text', { contents: [{ parts: [{ text: 1 }] }] }],
    ['contents.0.parts.0.functionCall.args', { contents: [{ parts: [{ functionCall: { name: 'f', args: 'x' } }] }] }],
    ['contents.0.parts.0.inlineData.mimeType', { contents: [{ parts: [{ inlineData: { data: '' } }] }] }],
    ['systemInstruction', { systemInstruction: 'Be short.' }],
    ['generationConfig.temperature', { generationConfig: { temperature: '1' } }],
    ['generationConfig.maxOutputTokens', { generationConfig: { maxOutputTokens: 1.5 } }],
    ['generationConfig.responseSchema', { generationConfig: { responseSchema: { type: 'STRING' } } }],
    ['generationConfig.logprobs', { generationConfig: { logprobs: 3 } }],
    [
      'generationConfig.thinkingConfig.thinkingLevel',
      { generationConfig: { thinkingConfig: { thinkingLevel: 'NO' } } },
    ],
    ['toolConfig.functionCallingConfig.mode', calling({ mode: 'SOME' })],
    ['labels.a', { labels: { a: 1 } }],
  ])('is malformed: %s', ([param, body], { expect }) => {
    expect(refusal(() => decode({ contents: HELLO, ...body }))).toBe(`request_invalid ${param}`)
  })
})

describe('a request for Gemini', () => {
  const results = ['a', 'b'].map(id => ({
    role: 'user' as const,
    parts: [{ kind: 'tool_result', callId: id, content: [{ kind: 'text', text: `{"is":"${id}"}` }] } as Part],
  }))
  const calls: Part[] = ['a', 'b'].map(id => ({ kind: 'tool_call', id, name: `do_${id}`, arguments: '{"n":1.0}' }))
  const messages: ChatAsk['messages'] = [
    { role: 'system', parts: [{ kind: 'text', text: 'Be short.' }] },
    { role: 'user', parts: [{ kind: 'text', text: 'Hello' }] },
    { role: 'assistant', parts: calls },
    ...results,
    { role: 'system', parts: [{ kind: 'text', text: 'Be kind.' }] },
    { role: 'user', parts: [{ kind: 'image', source: { kind: 'url', url: 'https://a.test/b.PNG?c' } }] },
  ]

  it('has all instructions first, results together and named, and calls of other models marked as such', ({
    expect,
  }) => {
    const body = geminiCodec.encodeRequest(askOf({ messages }))
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      systemInstruction: { parts: [{ text: 'Be short.' }, { text: 'Be kind.' }] },
      contents: [
        ...HELLO,
        {
          role: 'model',
          parts: [
            {
              functionCall: { id: 'a', name: 'do_a', args: { n: 1 } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'b', name: 'do_b', args: { n: 1 } } },
          ],
        },
        {
          role: 'user',
          parts: ['a', 'b'].map(id => ({ functionResponse: { id, name: `do_${id}`, response: { is: id } } })),
        },
        { role: 'user', parts: [{ fileData: { fileUri: 'https://a.test/b.PNG?c', mimeType: 'image/png' } }] },
      ],
    })
    expect(JSON.stringify(body)).toContain('{"n":1.0}')
    const older = JSON.stringify(geminiCodec.encodeRequest(askOf({ messages, model: 'gemini-2.5-flash' })))
    expect(older).not.toContain('skip_thought_signature_validator')
  })

  it.for<[string, ChatAsk['reasoning'], Json]>([
    ['gemini-3-pro', { effort: 'low', isShown: true }, { thinkingLevel: 'LOW', includeThoughts: true }],
    ['gemini-2.5-flash', { effort: 'medium' }, { thinkingBudget: 8192 }],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-flash-latest', { budgetTokens: 512 }, { thinkingBudget: 512 }],
  ])('asks %s to think %j', ([model, reasoning, thinkingConfig], { expect }) => {
    const body = geminiCodec.encodeRequest(askOf({ model, ...(reasoning && { reasoning }) }))
    expect(body.generationConfig).toEqual({ thinkingConfig })
  })

  const say = (part: Part) => ({ messages: [{ role: 'user' as const, parts: [part] }] })
  const strict = { name: 'f', schema: {}, strict: true }
  it.for<[string, Partial<ChatAsk>]>([
    ['logit_bias', { sampling: { logitBias: { '5': 1 } } }],
    ['parallel_tool_calls', { tools: [strict], parallelToolCalls: false }],
    ['reasoning_effort', { reasoning: { effort: 'xhigh' } }],
    ['reasoning_effort', { reasoning: { effort: 'low', budgetTokens: 1 } }],
    ['service_tier', { serviceTier: 'scale' }],
    ['messages.0.name', { messages: [{ role: 'user', name: 'Ann', parts: [] }] }],
    ['messages.0', { messages: [{ role: 'system', parts: [{ kind: 'refusal', text: 'No' }] }] }],
    ['messages.0.content.0', say({ kind: 'tool_call', id: 'a', name: 'f', arguments: '{"cut' })],
    ['messages.0.content.0', say({ kind: 'file', source: { kind: 'id', id: 'file-abc' } })],
  ])('cannot say %s', ([param, more], { expect }) => {
    expect(refusal(() => geminiCodec.encodeRequest(askOf(more)))).toBe(`untranslatable ${param}`)
  })

  it('holds a strict tool to its schema, and leaves out labels that Google would refuse', ({ expect }) => {
    const body = geminiCodec.encodeRequest(askOf({ tools: [strict], metadata: { team: 'core', Trace: 'A b' } }))
    expect(body).toMatchObject({
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } },
    })
    expect(body.labels).toEqual({ team: 'core' })
  })

  it('refuses a result that answers no call', ({ expect }) => {
    const act = () => geminiCodec.encodeRequest(askOf(say({ kind: 'tool_result', callId: 'x', content: [] })))
    expect(refusal(act)).toBe('request_invalid messages.0.content.0')
  })
})
