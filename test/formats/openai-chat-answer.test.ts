import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, it } from 'vitest'
import type { ChatAnswer, ChatAsk, ChatDelta } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { openaiChatCodec } from '../../workers/formats/openai-chat/openai-chat-codec.ts'
import { collect, eventsOf } from './collect.ts'
import { chatAnswer, deltasOf } from './openai-generators.ts'

const ASK: ChatAsk = {
  model: 'm',
  messages: [],
  tools: [],
  sampling: {},
  choices: 1,
  isStream: true,
  wantsStreamUsage: true,
}
const OLDER: ChatAsk = { ...ASK, wantsFunctionCall: true }
const START: ChatDelta = { kind: 'start', id: 'a1', model: 'm-1', createdMs: 5000 }
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 })

function encodeStream(deltas: ChatDelta[], ask = ASK): string {
  const encoder = openaiChatCodec.streamEncoder(ask)
  return deltas.map(delta => encoder.push(delta)).join('') + encoder.end()
}

function decodeStream(events: { data: string }[]): ChatDelta[] {
  const decoder = openaiChatCodec.streamDecoder()
  return [...events.flatMap(event => decoder.push(event)), ...decoder.end()]
}

const decodeChunks = (...chunks: Json[]) => decodeStream(chunks.map(chunk => ({ data: JSON.stringify(chunk) })))
const chunk = (delta: Json, finish_reason: string | null = null) => ({
  id: 'c1',
  created: 7,
  model: 'v',
  choices: [{ index: 0, delta, finish_reason }],
})

/** OpenAI's own client, which gets this body. */
function clientOf(body: string, type: string): OpenAI {
  const fetch = async () => new Response(body, { headers: { 'content-type': type } })
  return new OpenAI({ apiKey: 'k', baseURL: 'http://openai.test/v1', fetch, maxRetries: 0 })
}

const QUESTION = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] }
const toStream = (text: string) => clientOf(text, 'text/event-stream').chat.completions.stream(QUESTION)

describe('an answer of a chat completion', () => {
  it('is the same after it was encoded and decoded again', ({ expect }) => {
    const back = (answer: ChatAnswer) =>
      openaiChatCodec.decodeAnswer(JSON.parse(JSON.stringify(openaiChatCodec.encodeAnswer(answer, ASK))))
    fc.assert(
      fc.property(chatAnswer, answer => {
        expect(back(answer)).toEqual(answer)
      }),
      { numRuns: 300 },
    )
  })

  it('has the reasoning, calls and cached tokens of a vendor that speaks this wire', ({ expect }) => {
    const message = {
      role: 'assistant',
      content: '',
      reasoning_content: 'The weather tool will do.',
      tool_calls: [
        { index: 0, id: 'call_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Graz"}' } },
      ],
    }
    const usage = { prompt_tokens: 30, completion_tokens: 9, total_tokens: 39, prompt_cache_hit_tokens: 20 }
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'tool_calls' }]
    expect(openaiChatCodec.decodeAnswer({ id: 'x', created: 1, model: 'v', choices, usage })).toMatchObject({
      createdMs: 1000,
      usage: { inputTokens: 30, cachedInputTokens: 20, outputTokens: 9 },
      choices: [
        {
          finish: 'tool_calls',
          parts: [
            { kind: 'reasoning', text: 'The weather tool will do.' },
            { kind: 'tool_call', id: 'call_0', name: 'weather', arguments: '{"city":"Graz"}' },
          ],
        },
      ],
    })
  })

  it('says why it ended, also where a forced call, a refusal or a vendor has another word for it', ({ expect }) => {
    const call = [{ id: 'a', function: { name: 'f', arguments: '' } }]
    const finishOf = (finish_reason: string | null, message: Json) =>
      openaiChatCodec.decodeAnswer({ choices: [{ message, finish_reason }] }).choices[0]?.finish
    expect(finishOf('stop', { tool_calls: call })).toBe('tool_calls')
    expect(finishOf('function_call', { function_call: { name: 'f' } })).toBe('tool_calls')
    expect(finishOf('stop', { refusal: 'No.' })).toBe('refusal')
    expect(finishOf('model_length', {})).toBe('length')
    expect(finishOf('insufficient_system_resource', {})).toBe('other')
    expect(finishOf(null, {})).toBe('other')
  })

  it('is told to a caller of the older functions in their words', ({ expect }) => {
    const parts = [{ kind: 'tool_call' as const, id: 'a', name: 'f', arguments: '{}' }]
    const choices = [{ index: 0, parts, finish: 'tool_calls' as const }]
    const answer = openaiChatCodec.encodeAnswer({ id: 'x', model: 'm', createdMs: 0, choices, usage: undefined }, OLDER)
    const message = { content: null, function_call: { name: 'f', arguments: '{}' } }
    expect(answer).toMatchObject({ choices: [{ finish_reason: 'function_call', message }] })
  })

  it('is told with no reason that is not of this wire', ({ expect }) => {
    const reasonOf = (finish: 'refusal' | 'paused' | 'other') => {
      const choices = [{ index: 0, parts: [], finish }]
      const answer = { id: 'x', model: 'm', createdMs: 0, choices, usage: undefined }
      return openaiChatCodec.encodeAnswer(answer, ASK).choices
    }
    expect(reasonOf('refusal')).toMatchObject([{ finish_reason: 'content_filter' }])
    expect(reasonOf('paused')).toMatchObject([{ finish_reason: 'stop' }])
    expect(reasonOf('other')).toMatchObject([{ finish_reason: 'stop' }])
  })
})

describe('a stream of a chat completion', () => {
  it('says the same after it was encoded and decoded, however it is cut', ({ expect }) => {
    fc.assert(
      fc.property(chatAnswer, sizes, (answer, cuts) => {
        const deltas = deltasOf(answer, cuts)
        expect(collect(decodeStream(eventsOf(encodeStream(deltas))))).toEqual(collect(deltas))
      }),
      { numRuns: 300 },
    )
  })

  it("is accepted by OpenAI's client, whole and to the letter", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(chatAnswer, sizes, async (answer, cuts) => {
        const client = await toStream(encodeStream(deltasOf(answer, cuts))).finalChatCompletion()
        const said = answer.choices.map(({ parts }) => ({
          content: parts.flatMap(part => (part.kind === 'text' ? [part.text] : [])).join(''),
          refusal: parts.find(part => part.kind === 'refusal')?.text ?? '',
          calls: parts.flatMap(part => (part.kind === 'tool_call' ? [[part.id, part.name, part.arguments]] : [])),
        }))
        const heard = client.choices.map(({ message }) => ({
          content: message.content ?? '',
          refusal: message.refusal ?? '',
          calls: (message.tool_calls ?? []).map(
            made => made.type === 'function' && [made.id, made.function.name, made.function.arguments],
          ),
        }))
        expect(heard).toEqual(said)
        expect(client.usage?.prompt_tokens).toBe(answer.usage?.inputTokens)
        expect(client.id).toBe(answer.id)
      }),
      { numRuns: 40 },
    )
  })

  it("is accepted by OpenAI's client in the words of the older functions", async ({ expect }) => {
    const deltas: ChatDelta[] = [
      START,
      { kind: 'tool_call', choice: 0, index: 0, id: 'a', name: 'f' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: '{"a"' },
      { kind: 'tool_arguments', choice: 0, index: 0, text: ':1}' },
      { kind: 'finish', choice: 0, finish: 'tool_calls' },
    ]
    const answer = await toStream(encodeStream(deltas, OLDER)).finalChatCompletion()
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'function_call',
      message: { function_call: { name: 'f', arguments: '{"a":1}' } },
    })
  })

  it('tells thoughts with their signatures, each by its index, before the text', ({ expect }) => {
    const thought = { kind: 'reasoning' as const, choice: 0 }
    const events = eventsOf(
      encodeStream([
        START,
        { ...thought, text: 'Hm' },
        { ...thought, text: '', signature: 's1' },
        { ...thought, text: '', redacted: 'r' },
        { ...thought, text: 'So' },
        { kind: 'text', choice: 0, text: 'Yes' },
      ]),
    )
    const sent = events.slice(1, -1).map(({ data }) => JSON.parse(data).choices[0].delta)
    expect(sent).toEqual([
      { reasoning_content: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 's1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'r', index: 1 }] },
      { reasoning_content: 'So', reasoning_details: [{ type: 'reasoning.text', text: 'So', index: 2 }] },
      { content: 'Yes' },
    ])
  })

  it('ends with an error where it fails, and with nothing after it', async ({ expect }) => {
    const failed: ChatDelta[] = [START, { kind: 'error', status: 529, code: 'overloaded_error', message: 'Busy.' }]
    const text = encodeStream([...failed, { kind: 'text', choice: 0, text: 'late' }])
    expect(text).not.toContain('late')
    expect(text).not.toContain('[DONE]')
    await expect(toStream(text).finalChatCompletion()).rejects.toThrow(/Busy/)
  })

  it('tells usage in its last chunk, once, and only where it was asked for', ({ expect }) => {
    const usage = openaiChatCodec.decodeAnswer({ usage: { prompt_tokens: 3, completion_tokens: 4 } }).usage
    const deltas: ChatDelta[] = usage
      ? [{ kind: 'usage', usage }, START, { kind: 'usage', usage, serviceTier: 'flex' }]
      : []
    const told = eventsOf(encodeStream(deltas)).map(({ data }) => data)
    expect(told.at(-1)).toBe('[DONE]')
    expect(told.filter(data => data.includes('"total_tokens":7'))).toHaveLength(1)
    expect(JSON.parse(told.at(-2) ?? '')).toMatchObject({ id: 'a1', choices: [], service_tier: 'flex' })
    expect(encodeStream(deltas, { ...ASK, wantsStreamUsage: false })).not.toContain('usage')
  })

  it('is read from vendors that leave out indexes, repeat them, or open with an empty chunk', ({ expect }) => {
    const call = (id: string, more: Json = {}) => ({ id, function: { name: id, arguments: '{}' }, ...more })
    const callsOf = (...deltas: ChatDelta[]) =>
      deltas.flatMap(delta => (delta.kind === 'tool_call' ? [[delta.index, delta.id]] : []))
    const both = [
      [0, 'a'],
      [1, 'b'],
    ]
    expect(callsOf(...decodeChunks(chunk({ tool_calls: [call('a'), call('b')] }, 'tool_calls')))).toEqual(both)
    expect(
      callsOf(
        ...decodeChunks(
          chunk({ tool_calls: [call('a', { index: 0 })] }),
          chunk({ tool_calls: [call('b', { index: 0 })] }),
        ),
      ),
    ).toEqual(both)
    const empty = { id: '', model: '', created: 0, choices: [], prompt_filter_results: [] }
    expect(decodeChunks(empty, chunk({ content: 'Hi' }, 'stop'))[0]).toMatchObject({
      kind: 'start',
      id: 'c1',
      createdMs: 7000,
    })
  })

  it('is read with thinking in lists, usage beside the end, and an error in the middle', ({ expect }) => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: 'Yes' },
    ]
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const kinds = decodeChunks({ ...chunk({ content }, 'stop'), x_groq: { usage } }).map(delta => delta.kind)
    expect(kinds).toEqual(['start', 'reasoning', 'text', 'finish', 'usage'])
    const failed = decodeChunks(chunk({ content: 'Y' }), {
      ...chunk({ content: 'late' }, 'error'),
      error: { code: 502, message: 'Gone.' },
    })
    expect(failed.slice(1)).toEqual([
      { kind: 'text', choice: 0, text: 'Y' },
      { kind: 'error', status: 502, code: '502', message: 'Gone.' },
    ])
  })

  it('is an error where it was cut off, and none where it said that it was done', ({ expect }) => {
    const half = { data: JSON.stringify(chunk({ content: 'Y' })) }
    expect(decodeStream([half]).at(-1)).toMatchObject({ kind: 'error', code: 'stream_cut_off' })
    expect(decodeStream([half, { data: '[DONE]' }]).at(-1)).toEqual({ kind: 'finish', choice: 0, finish: 'other' })
    expect(decodeStream([])).toMatchObject([{ kind: 'error', code: 'stream_cut_off' }])
  })

  it('never throws, whatever a vendor sends', ({ expect }) => {
    const evil = fc.constantFrom<unknown>({ toString: 1 }, { valueOf: {}, toString: {} }, [[{ toString: null }]])
    const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, evil)
    const garbage = fc.oneof(
      fc.string(),
      json.map(value => JSON.stringify(value)),
      ...['choices', 'usage', 'error', 'id', 'created'].map(key =>
        json.map(value => JSON.stringify({ ...chunk({ content: 'x' }), [key]: value })),
      ),
      ...['delta', 'logprobs', 'finish_reason', 'index'].map(key =>
        json.map(value => JSON.stringify({ choices: [{ [key]: value }] })),
      ),
      ...['token', 'logprob', 'bytes', 'top_logprobs'].map(key =>
        json.map(value => JSON.stringify({ choices: [{ logprobs: { content: [{ [key]: value }] } }] })),
      ),
      ...['code', 'status', 'message', 'type', 'param'].map(key =>
        json.map(value => JSON.stringify({ error: { message: 'x', [key]: value } })),
      ),
      ...['content', 'tool_calls', 'reasoning_details', 'function_call', 'audio', 'refusal'].map(key =>
        fc.oneof(json, fc.array(json)).map(value => JSON.stringify({ choices: [{ delta: { [key]: value } }] })),
      ),
    )
    fc.assert(
      fc.property(fc.array(garbage), events => {
        const deltas = decodeStream(events.map(data => ({ data })))
        const errors = deltas.flatMap((delta, i) => (delta.kind === 'error' ? [i] : []))
        expect(errors.every(at => at === deltas.length - 1)).toBe(true)
        expect(deltas.filter(delta => delta.kind === 'start').length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })
})

describe('an error of a chat completion', () => {
  it('is read in the shapes that vendors of this wire have for it', ({ expect }) => {
    const openai = { error: { message: 'No.', type: 'invalid_request_error', param: 'n', code: null } }
    expect(openaiChatCodec.decodeError(400, openai)).toEqual({
      status: 400,
      code: 'invalid_request_error',
      message: 'No.',
      type: 'invalid_request_error',
      param: 'n',
    })
    expect(openaiChatCodec.decodeError(429, { object: 'error', message: 'Slow.', code: 1300 })).toMatchObject({
      code: '1300',
      message: 'Slow.',
    })
    expect(openaiChatCodec.decodeError(500, { error: 'Oh.' })).toMatchObject({ code: '500', message: 'Oh.' })
    expect(openaiChatCodec.decodeError(500, '<html>')).toBeUndefined()
  })

  it("is accepted by OpenAI's client, with its code and what kind it is", async ({ expect }) => {
    const body = openaiChatCodec.encodeError({ status: 429, code: 'overloaded', message: 'Busy.', param: 'model' })
    const fetch = async () => Response.json(body, { status: 429 })
    const client = new OpenAI({ apiKey: 'k', baseURL: 'http://openai.test/v1', fetch, maxRetries: 0 })
    const told = { status: 429, code: 'overloaded', type: 'rate_limit_error', param: 'model' }
    await expect(client.chat.completions.create(QUESTION)).rejects.toMatchObject(told)
  })
})
