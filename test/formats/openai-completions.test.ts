import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, it } from 'vitest'
import { GatewayError } from '../../workers/errors/gateway-error.ts'
import type { ChatAnswer, ChatAsk, ChatDelta } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { openaiCompletionsCodec as codec } from '../../workers/formats/openai-completions/openai-completions-codec.ts'
import { collect, eventsOf } from './collect.ts'
import { deltasOf, promptAsk, textAnswer } from './openai-generators.ts'

const decode = (more: Json) => codec.decodeRequest({ model: 'm', prompt: 'Once', ...more })
const ASK: ChatAsk = { ...decode({}), isStream: true, wantsStreamUsage: true }
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 })

function refusal(make: () => unknown): unknown {
  try {
    return make()
  } catch (error) {
    return error instanceof GatewayError ? `${error.code} ${error.extras.param}` : error
  }
}

function encodeStream(deltas: ChatDelta[], ask = ASK): string {
  const encoder = codec.streamEncoder(ask)
  return deltas.map(delta => encoder.push(delta)).join('') + encoder.end()
}

function decodeStream(text: string): ChatDelta[] {
  const decoder = codec.streamDecoder()
  return [...eventsOf(text).flatMap(event => decoder.push(event)), ...decoder.end()]
}

describe('a text completion request', () => {
  it('is the same after it was encoded and decoded again', ({ expect }) => {
    const back = (ask: ChatAsk) => codec.decodeRequest(JSON.parse(JSON.stringify(codec.encodeRequest(ask))))
    fc.assert(
      fc.property(promptAsk, ask => {
        expect(back(ask)).toEqual(ask)
      }),
      { numRuns: 300 },
    )
  })

  it('is one message of a user, and as short as this wire makes it where no cap is given', ({ expect }) => {
    const messages = [{ role: 'user', parts: [{ kind: 'text', text: 'Once' }] }]
    expect(decode({ logprobs: 0, best_of: 1, echo: false, suffix: null })).toMatchObject({
      messages,
      maxOutputTokens: 16,
      logprobs: { top: 0 },
    })
    expect(decode({ prompt: ['Once'], n: 2, best_of: 2 })).toMatchObject({ messages, choices: 2 })
  })

  const REFUSED: [string, Json][] = [
    ['untranslatable prompt', { prompt: ['a', 'b'] }],
    ['untranslatable prompt', { prompt: [1, 2] }],
    ['untranslatable prompt', { prompt: [[1, 2]] }],
    ['untranslatable prompt', { prompt: null }],
    ['untranslatable best_of', { best_of: 3 }],
    ['untranslatable echo', { echo: true }],
    ['untranslatable suffix', { suffix: 'end' }],
    ['untranslatable guided_json', { guided_json: {} }],
    ['request_invalid prompt', { prompt: 4 }],
    ['request_invalid prompt', { prompt: [] }],
    ['request_invalid logprobs', { logprobs: true }],
    ['request_invalid max_tokens', { max_tokens: 0 }],
  ]
  it.each(REFUSED)('is refused by name: %s', (told, more) => {
    const got = refusal(() => decode(more))
    if (got !== told) throw new Error(`wanted ${told}, got ${String(got)}`)
  })

  const UNSAYABLE: [string, Partial<ChatAsk>][] = [
    ['messages', { messages: [...ASK.messages, ...ASK.messages] }],
    ['messages', { messages: [{ role: 'system', parts: [] }] }],
    [
      'messages[0]',
      { messages: [{ role: 'user', parts: [{ kind: 'image', source: { kind: 'url', url: 'https://p.test' } }] }] },
    ],
    ['tools', { tools: [{ name: 'f', schema: {} }] }],
    ['response_format', { output: { kind: 'json' } }],
    ['reasoning_effort', { reasoning: { effort: 'low' } }],
    ['service_tier', { serviceTier: 'flex' }],
    ['top_k', { sampling: { topK: 1 } }],
  ]
  it.each(UNSAYABLE)('cannot say what a chat can, and refuses it by name: %s', (param, more) => {
    const got = refusal(() => codec.encodeRequest({ ...ASK, ...more }))
    if (got !== `untranslatable ${param}`) throw new Error(`wanted ${param}, got ${String(got)}`)
  })
})

describe('a text completion', () => {
  it('is the same after it was encoded and decoded again', ({ expect }) => {
    const back = (answer: ChatAnswer) => codec.decodeAnswer(JSON.parse(JSON.stringify(codec.encodeAnswer(answer, ASK))))
    fc.assert(
      fc.property(textAnswer, answer => {
        expect(back(answer)).toEqual(answer)
      }),
      { numRuns: 300 },
    )
  })

  it('counts where its tokens stand from the start of the prompt', ({ expect }) => {
    const logprobs = [' upon', ' a'].map((token, i) => ({
      token,
      logprob: -i,
      bytes: null,
      top: [{ token, logprob: -i, bytes: null }],
    }))
    const choices = [
      { index: 0, parts: [{ kind: 'text' as const, text: ' upon a' }], finish: 'length' as const, logprobs },
    ]
    expect(codec.encodeAnswer({ id: 'x', model: 'm', createdMs: 0, choices, usage: undefined }, ASK)).toEqual({
      id: 'x',
      object: 'text_completion',
      created: 0,
      model: 'm',
      choices: [
        {
          index: 0,
          text: ' upon a',
          finish_reason: 'length',
          logprobs: {
            tokens: [' upon', ' a'],
            token_logprobs: [-0, -1],
            top_logprobs: [{ ' upon': -0 }, { ' a': -1 }],
            text_offset: [4, 9],
          },
        },
      ],
    })
    const start: ChatDelta = { kind: 'start', id: 'x', model: 'm', createdMs: 0 }
    const stream = encodeStream([
      start,
      ...logprobs.map(one => ({ kind: 'text' as const, choice: 0, text: one.token, logprobs: [one] })),
    ])
    const offsets = eventsOf(stream)
      .slice(0, 2)
      .map(({ data }) => JSON.parse(data).choices[0].logprobs.text_offset)
    expect(offsets).toEqual([[4], [9]])
  })

  it('has what a model said, and not what it thought', ({ expect }) => {
    const parts = [
      { kind: 'reasoning' as const, text: 'Hm' },
      { kind: 'text' as const, text: 'Yes' },
    ]
    const choices = [{ index: 0, parts, finish: 'stop' as const }]
    const answer = codec.encodeAnswer({ id: 'x', model: 'm', createdMs: 0, choices, usage: undefined }, ASK)
    expect(answer).toMatchObject({ choices: [{ text: 'Yes', finish_reason: 'stop' }] })
  })

  it('streams the same, however it is cut', ({ expect }) => {
    fc.assert(
      fc.property(textAnswer, sizes, (answer, cuts) => {
        const deltas = deltasOf(answer, cuts)
        expect(collect(decodeStream(encodeStream(deltas)))).toEqual(collect(deltas))
      }),
      { numRuns: 300 },
    )
  })

  it("is accepted by OpenAI's client as a stream, with usage at its end", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(textAnswer, sizes, async (answer, cuts) => {
        const body = encodeStream(deltasOf(answer, cuts))
        const fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } })
        const client = new OpenAI({ apiKey: 'k', baseURL: 'http://openai.test/v1', fetch, maxRetries: 0 })
        const texts = answer.choices.map(() => '')
        let usage: number | undefined
        for await (const event of await client.completions.create({ model: 'm', prompt: 'Once', stream: true })) {
          for (const { index, text } of event.choices) texts[index] += text
          usage = event.usage?.prompt_tokens ?? usage
        }
        expect(texts).toEqual(
          answer.choices.map(({ parts }) => parts.map(part => (part.kind === 'text' ? part.text : '')).join('')),
        )
        expect(usage).toBe(answer.usage?.inputTokens)
      }),
      { numRuns: 40 },
    )
  })

  it('never throws over a stream, whatever a vendor sends', ({ expect }) => {
    const evil = fc.constantFrom<unknown>({ toString: 1 }, { valueOf: {}, toString: {} }, [[{ toString: null }]])
    const json = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, evil)
    const garbage = fc.oneof(
      fc.string(),
      json.map(value => JSON.stringify({ choices: value })),
      ...['text', 'index', 'logprobs', 'finish_reason'].map(key =>
        json.map(value => JSON.stringify({ choices: [{ [key]: value }] })),
      ),
      ...['tokens', 'top_logprobs'].map(key =>
        fc.array(json).map(value => JSON.stringify({ choices: [{ logprobs: { tokens: [1, 'a'], [key]: value } }] })),
      ),
    )
    fc.assert(
      fc.property(fc.array(garbage), events => {
        const decoder = codec.streamDecoder()
        const deltas = [...events.flatMap(data => decoder.push({ data })), ...decoder.end()]
        expect(deltas.filter(({ kind }) => kind === 'start').length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 500 },
    )
  })
})
