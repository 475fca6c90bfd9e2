import {
  ApiError,
  FunctionCallingConfigMode,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
} from '@google/genai/web'
import { describe, it } from 'vitest'
import type { ChatAnswer, ChatAsk, ChatDelta } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { geminiCodec } from '../../workers/formats/gemini/gemini-codec.ts'

const MODEL = 'gemini-3-pro'
const USAGE = {
  inputTokens: 100,
  outputTokens: 50,
  cachedInputTokens: 40,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  reasoningTokens: 20,
  inputAudioTokens: 10,
  outputAudioTokens: 0,
}
const SEAL = { signature: 'sig+/==', redacted: 'hidden', id: 'rs_1' }

type Served = { ask: ChatAsk; sent: Json }

/** Google's own client, whose requests are decoded, and answered with what `answer` makes of them. */
function clientOf(answer: (served: Served) => Response) {
  const served: Served[] = []
  const fetch = async (url: string | URL | Request, init?: RequestInit) => {
    const [, model = '', method] = /models\/([^:]+):(\w+)/.exec(String(url)) ?? []
    const sent = JSON.parse(String(init?.body)) as Json
    const one = { ask: geminiCodec.decodeRequest(sent, { model, isStream: method === 'streamGenerateContent' }), sent }
    served.push(one)
    return answer(one)
  }
  const client = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: 'http://gemini.test', fetch } })
  return { client, served }
}

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** Not the client's own `text`, which warns of every part that is none. */
function textOf({ candidates }: GenerateContentResponse): string {
  const parts = candidates?.[0]?.content?.parts ?? []
  return parts.map(part => (part.thought ? '' : (part.text ?? ''))).join('')
}

function whole(answer: ChatAnswer) {
  return ({ ask }: Served) => Response.json(geminiCodec.encodeAnswer(answer, ask))
}

function streamed(deltas: ChatDelta[]) {
  return ({ ask }: Served) => {
    const encoder = geminiCodec.streamEncoder(ask)
    const events = [...deltas.map(delta => encoder.push(delta)), encoder.end()]
    return new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } })
  }
}

describe('Google’s own client', () => {
  it('is understood in all that it says', async ({ expect }) => {
    const answer: ChatAnswer = { id: 'r', model: MODEL, createdMs: 0, choices: [], usage: undefined }
    const { client, served } = clientOf(whole(answer))
    const parameters = { type: 'OBJECT', properties: { city: { type: 'STRING', nullable: true } } }
    const config = {
      systemInstruction: 'Be short.',
      temperature: 0.5,
      maxOutputTokens: 9,
      stopSequences: ['END'],
      responseMimeType: 'application/json',
      responseSchema: { type: 'ARRAY', items: { type: 'INTEGER' }, minItems: '1' },
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
      tools: [{ functionDeclarations: [{ name: 'weather', parameters }] }],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['weather'] } },
    } as GenerateContentConfig
    await client.models.generateContent({ model: MODEL, contents: 'Hello', config })
    expect(served[0]?.ask).toEqual({
      model: MODEL,
      messages: [
        { role: 'system', parts: [{ kind: 'text', text: 'Be short.' }] },
        { role: 'user', parts: [{ kind: 'text', text: 'Hello' }] },
      ],
      tools: [{ name: 'weather', schema: { type: 'object', properties: { city: { type: ['string', 'null'] } } } }],
      toolChoice: { kind: 'tool', name: 'weather' },
      sampling: { temperature: 0.5, stop: ['END'] },
      maxOutputTokens: 9,
      choices: 1,
      output: { kind: 'schema', name: 'response', schema: { type: 'array', items: { type: 'integer' }, minItems: 1 } },
      reasoning: { isShown: true, effort: 'low' },
      isStream: false,
    })
  })

  it('reads a whole answer', async ({ expect }) => {
    const { client } = clientOf(
      whole({
        id: 'resp-1',
        model: MODEL,
        createdMs: 0,
        choices: [
          {
            index: 0,
            finish: 'tool_calls',
            parts: [
              { kind: 'reasoning', text: 'Hm.', ...SEAL },
              { kind: 'text', text: 'Wait.' },
              { kind: 'tool_call', id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
            ],
          },
        ],
        usage: USAGE,
      }),
    )
    const answer = await client.models.generateContent({ model: MODEL, contents: 'Hello' })
    expect(answer).toMatchObject({ responseId: 'resp-1', modelVersion: MODEL })
    expect(textOf(answer)).toBe('Wait.')
    expect(answer.functionCalls).toEqual([{ id: 'c1', name: 'weather', args: { city: 'Oslo' } }])
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP')
    expect(answer.usageMetadata).toMatchObject({
      promptTokenCount: 100,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 20,
      totalTokenCount: 150,
    })
  })

  it('reads a stream, keeps it in its history, and sends it back whole', async ({ expect }) => {
    const call = { kind: 'tool_call' as const, choice: 0, name: 'weather' }
    const { client, served } = clientOf(
      streamed([
        { kind: 'start', id: 'resp-1', model: MODEL, createdMs: 0 },
        { kind: 'reasoning', choice: 0, text: 'So ' },
        { kind: 'reasoning', choice: 0, text: 'so.' },
        { kind: 'reasoning', choice: 0, text: '', signature: SEAL.signature },
        { kind: 'reasoning', choice: 0, text: '', redacted: SEAL.redacted },
        { kind: 'text', choice: 0, text: 'Wa' },
        { kind: 'text', choice: 0, text: 'it.' },
        { ...call, index: 0, id: 'c1', signature: 'é' },
        { ...call, index: 1, id: 'c2' },
        { kind: 'tool_arguments', choice: 0, index: 1, text: '{"city":"}"' },
        { kind: 'tool_arguments', choice: 0, index: 0, text: '{}' },
        { kind: 'tool_arguments', choice: 0, index: 1, text: '}' },
        { kind: 'finish', choice: 0, finish: 'tool_calls' },
        { kind: 'usage', usage: USAGE },
      ]),
    )
    const chat = client.chats.create({ model: MODEL })
    const chunks = await read(await chat.sendMessageStream({ message: 'Hello' }))
    expect(chunks.map(textOf).join('')).toBe('Wait.')
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(150)
    const results = ['c1', 'c2'].map(id => ({ functionResponse: { id, name: 'weather', response: { output: id } } }))
    await read(await chat.sendMessageStream({ message: results }))
    const result = (id: string) => ({ name: 'weather', callId: id, content: [{ kind: 'text', text: id }] })
    expect(served[1]?.ask.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { kind: 'reasoning', text: 'So so.', signature: SEAL.signature },
          { kind: 'reasoning', text: '', redacted: SEAL.redacted },
          { kind: 'text', text: 'Wait.' },
          { kind: 'tool_call', id: 'c1', name: 'weather', arguments: '{}', signature: 'é' },
          { kind: 'tool_call', id: 'c2', name: 'weather', arguments: '{"city":"}"}' },
        ],
      },
      { role: 'user', parts: ['c1', 'c2'].map(id => ({ kind: 'tool_result', ...result(id) })) },
    ])
  })

  it('throws its own error for ours, whole and in a stream', async ({ expect }) => {
    const error = { status: 429, code: 'budget_exceeded', message: 'Too dear.', type: 'budget_exceeded' }
    const refused = clientOf(() => Response.json(geminiCodec.encodeError(error), { status: 429 }))
    const asked = refused.client.models.generateContent({ model: MODEL, contents: 'Hello' })
    await expect(asked).rejects.toThrow(ApiError)
    await expect(asked).rejects.toMatchObject({ status: 429, message: expect.stringContaining('RESOURCE_EXHAUSTED') })

    const { client } = clientOf(
      streamed([
        { kind: 'start', id: 'r', model: MODEL, createdMs: 0 },
        { kind: 'text', choice: 0, text: 'Wa' },
        { kind: 'error', status: 503, code: 'overloaded', message: 'Too many.' },
      ]),
    )
    const asking = client.models.generateContentStream({ model: MODEL, contents: 'Hello' }).then(read)
    await expect(asking).rejects.toThrow('Too many.')
  })
})
