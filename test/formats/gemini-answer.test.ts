import { describe, it } from 'vitest'
import type { ChatAnswer, ChatAsk, ChatDelta, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { geminiArrayCodec, geminiCodec } from '../../workers/formats/gemini/gemini-codec.ts'

const MODEL = 'gemini-3-pro'
const ASK: ChatAsk = { model: MODEL, messages: [], tools: [], sampling: {}, choices: 1, isStream: false }

describe('an answer on Gemini’s wire', () => {
  const usage = (sent: Json) => geminiCodec.decodeAnswer({ candidates: [], usageMetadata: sent }).usage
  const candidate = (parts: Json[], finishReason = 'STOP') => ({ candidates: [{ content: { parts }, finishReason }] })

  it('has thoughts, what signs them, and calls with ids of their own making', ({ expect }) => {
    const parts = [
      { text: 'Hm.', thought: true },
      { text: 'Yes.', thoughtSignature: 'QUJD' },
      { functionCall: { name: 'f', args: { n: 1 } }, thoughtSignature: 'REVG' },
      { functionCall: { id: 'own', name: 'f' } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
    ]
    const answer = geminiCodec.decodeAnswer({ ...candidate(parts), responseId: 'r', modelVersion: MODEL })
    expect(answer).toEqual({
      id: 'r',
      model: MODEL,
      createdMs: 0,
      usage: undefined,
      choices: [
        {
          index: 0,
          finish: 'tool_calls',
          parts: [
            { kind: 'reasoning', text: 'Hm.' },
            { kind: 'text', text: 'Yes.' },
            { kind: 'reasoning', text: '', signature: 'QUJD' },
            { kind: 'tool_call', id: 'call_r_0_0', name: 'f', arguments: '{"n":1}', signature: 'REVG' },
            { kind: 'tool_call', id: 'own', name: 'f', arguments: '{}' },
            { kind: 'image', source: { kind: 'data', mediaType: 'image/png', base64: 'AAAA' } },
          ],
        },
      ],
    })
  })

  it.for([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['SPII', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
    ['constructor', 'other'],
  ])('ends with %s: %s', ([reason, finish], { expect }) => {
    expect(geminiCodec.decodeAnswer(candidate([{ text: 'a' }], reason)).choices[0]?.finish).toBe(finish)
  })

  it('has an empty, filtered choice where the prompt was blocked', ({ expect }) => {
    const blocked = { promptFeedback: { blockReason: 'SAFETY' } }
    expect(geminiCodec.decodeAnswer(blocked).choices).toEqual([{ index: 0, parts: [], finish: 'content_filter' }])
    const decoder = geminiCodec.streamDecoder()
    const deltas = [...decoder.push({ data: JSON.stringify(blocked) }), ...decoder.end()]
    expect(deltas).toMatchObject([{ kind: 'start' }, { kind: 'finish', choice: 0, finish: 'content_filter' }])
  })

  it('counts tools’ results as input, thoughts as output, and sounds apart', ({ expect }) => {
    const sent = {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 7,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 10,
      thoughtsTokenCount: 30,
      totalTokenCount: 147,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 75 },
        { modality: 'AUDIO', tokenCount: 25 },
      ],
    }
    const counts = { inputTokens: 107, cachedInputTokens: 60, inputAudioTokens: 25, outputAudioTokens: 0 }
    expect(usage(sent)).toMatchObject({ ...counts, outputTokens: 40, reasoningTokens: 30 })
    // Where a model has its thoughts inside the candidates, the total says so.
    const inside = { promptTokenCount: 5, candidatesTokenCount: 9, thoughtsTokenCount: 4, totalTokenCount: 14 }
    expect(usage(inside)).toMatchObject({ outputTokens: 9, reasoningTokens: 4 })
    const beyond = { promptTokenCount: 5, candidatesTokenCount: 9, totalTokenCount: 20 }
    expect(usage(beyond)).toMatchObject({ outputTokens: 15, reasoningTokens: 0 })
    expect(usage({ promptTokenCount: 5, totalTokenCount: 5 })).toMatchObject({ inputTokens: 5, outputTokens: 0 })
    for (const none of [{}, { promptTokenCount: -1 }, { promptTokenCount: 'many' }]) expect(usage(none)).toBeUndefined()
  })

  it('has no half of a call: it says that the call is broken', ({ expect }) => {
    const broken: Part = { kind: 'tool_call', id: 'a', name: 'f', arguments: '{"cut' }
    const answer = (finish: 'tool_calls' | 'length'): ChatAnswer => {
      return { id: '', model: MODEL, createdMs: 0, usage: undefined, choices: [{ index: 0, parts: [broken], finish }] }
    }
    const content = { role: 'model', parts: [{ text: '' }] }
    const said = { finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: f({"cut)' }
    const written = geminiCodec.encodeAnswer(answer('tool_calls'), ASK)
    expect(written.candidates).toEqual([{ content, index: 0, ...said }])
    const cut = geminiCodec.encodeAnswer(answer('length'), ASK)
    expect(cut.candidates).toEqual([{ content, index: 0, finishReason: 'MAX_TOKENS' }])
  })
})

describe('a stream on Gemini’s wire', () => {
  const event = (parts: Json[], more: Json = {}) => {
    const candidates = [{ content: { role: 'model', parts }, ...more }]
    return { data: JSON.stringify({ candidates, modelVersion: MODEL, responseId: 'r' }) }
  }

  it('ends once, with its last reason, though every event names one', ({ expect }) => {
    const decoder = geminiCodec.streamDecoder()
    const events = [
      event([{ text: 'Hel' }], { finishReason: 'STOP' }),
      event([{ text: 'lo' }, { functionCall: { name: 'f' } }], { finishReason: 'STOP' }),
      event([{ text: '', thoughtSignature: 'QUJD' }], { finishReason: 'STOP' }),
      { data: '{"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3}}' },
    ]
    expect([...events.flatMap(one => decoder.push(one)), ...decoder.end(), ...decoder.end()]).toMatchObject([
      { kind: 'start', id: 'r', model: MODEL },
      { kind: 'text', choice: 0, text: 'Hel' },
      { kind: 'text', choice: 0, text: 'lo' },
      { kind: 'tool_call', choice: 0, index: 0, id: 'call_r_0_0', name: 'f' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{}' },
      { kind: 'reasoning', choice: 0, text: '', signature: 'QUJD' },
      { kind: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
    ])
  })

  it('ends with an error, and with nothing after it', ({ expect }) => {
    const error = { error: { code: 503, message: 'Overloaded.', status: 'UNAVAILABLE' } }
    const decoder = geminiCodec.streamDecoder()
    const deltas = [event([{ text: 'a' }]), { data: JSON.stringify(error) }, event([{ text: 'b' }])]
    expect([...deltas.flatMap(one => decoder.push(one)), ...decoder.end()].slice(1)).toEqual([
      { kind: 'text', choice: 0, text: 'a' },
      { kind: 'error', status: 503, code: 'UNAVAILABLE', message: 'Overloaded.' },
    ])
    // A picture has no place in a stream: the answer is not passed on without it.
    const picture = geminiCodec.streamDecoder().push(event([{ inlineData: { mimeType: 'image/png', data: 'AA' } }]))
    expect(picture.at(-1)).toMatchObject({ kind: 'error', code: 'untranslatable' })
  })

  const deltas: ChatDelta[] = [
    { kind: 'start', id: 'r', model: MODEL, createdMs: 0 },
    { kind: 'text', choice: 0, text: 'Hello' },
  ]

  it('is a JSON array for a client that did not ask for events', ({ expect }) => {
    const written = (more: ChatDelta[]) => {
      const encoder = geminiArrayCodec.streamEncoder(ASK)
      return JSON.parse([...more.map(delta => encoder.push(delta)), encoder.end()].join('')) as Json[]
    }
    expect(written([])).toEqual([])
    expect(written([...deltas, { kind: 'finish', choice: 0, finish: 'stop' }])).toMatchObject([
      { candidates: [{ content: { parts: [{ text: 'Hello' }] } }], responseId: 'r' },
      { candidates: [{ finishReason: 'STOP' }] },
    ])
    const failed = written([...deltas, { kind: 'error', status: 500, code: 'internal', message: 'Oh.' }])
    expect(failed[1]).toMatchObject({ error: { code: 500, status: 'INTERNAL', message: 'Oh.' } })
  })

  it('has no reason to end where it broke off', ({ expect }) => {
    const encoder = geminiCodec.streamEncoder(ASK)
    const text = [...deltas.map(delta => encoder.push(delta)), encoder.end()].join('')
    expect(text).toMatch(/^data: \{.*"Hello".*\}\n\n$/)
    expect(text).not.toContain('finishReason')
  })
})

describe('an error on Gemini’s wire', () => {
  it('is read from an object or an array, with its finer reason and its field', ({ expect }) => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
      { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'contents' }] },
    ]
    const body = { error: { code: 400, message: 'No.', status: 'INVALID_ARGUMENT', details } }
    const read = { status: 400, code: 'INVALID_ARGUMENT', message: 'No.', type: 'API_KEY_INVALID', param: 'contents' }
    expect([body, [body]].map(one => geminiCodec.decodeError(400, one))).toEqual([read, read])
    for (const none of [undefined, null, 'x', {}, [], { error: 'x' }])
      expect(geminiCodec.decodeError(500, none)).toBeUndefined()
  })

  it('keeps code, type and field of an error from elsewhere', ({ expect }) => {
    const error = { status: 429, code: 'budget_exceeded', message: 'Too dear.', type: 'insufficient_quota', param: 'n' }
    const written = geminiCodec.encodeError(error)
    expect(written).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Too dear.' } })
    expect(geminiCodec.decodeError(429, written)).toEqual(error)
  })
})
