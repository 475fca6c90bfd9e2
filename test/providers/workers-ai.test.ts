import fc from 'fast-check'
import { describe, it } from 'vitest'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { codecOf } from '../../workers/formats/codecs.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import type { WorkersAi } from '../../workers/providers/workers-ai/binding-provider.ts'
import { chatOf } from '../support/chat-of.ts'

const MODEL = '@cf/meta/llama-3.1-8b-instruct'
const USAGE = { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 }

type Run = { model: string; inputs: Record<string, unknown>; options: unknown }

/** A binding that answers as it is told, and keeps what it was asked. */
function bound(answer: () => Response) {
  const runs: Run[] = []
  const ai: WorkersAi = {
    async run(model, inputs, options) {
      runs.push({ model, inputs, options })
      return answer()
    },
  }
  const fetch = () => Promise.reject(new Error('no network'))
  const chat = chatOf(configuredProviders({ mock: false, secrets: {}, workersAi: ai }, fetch).get('workers-ai'))
  const call = (isStream = false) =>
    chat.call({ model: MODEL, body: JSON.stringify({ model: MODEL, messages: [], max_tokens: 9 }), isStream })
  return { runs, chat, call }
}

const EVENTS = { headers: { 'content-type': 'text/event-stream' } }

/** The bytes of a text, cut at random places. */
function cutStream(text: string, cuts: number[]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1))), bytes.length].toSorted((a, b) => a - b)
  return new ReadableStream({
    start(controller) {
      let start = 0
      for (const end of ends) {
        controller.enqueue(bytes.slice(start, end))
        start = end
      }
      controller.close()
    },
  })
}

const dataOf = (text: string) => [...text.matchAll(/^data: ([^\n]*)$/gm)].map(([, data]) => data ?? '')

const NATIVE = [{ response: 'Grü', p: 'abcd' }, { response: 'ezi 👋🏽' }, { response: '', usage: USAGE }]
const NATIVE_TEXT = `${NATIVE.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`

function deltasOf(datas: string[]) {
  const decoder = codecOf('openai-chat').streamDecoder()
  return [...datas.flatMap(data => decoder.push({ data })), ...decoder.end()]
}

describe('Workers AI by its binding', () => {
  it('is asked for a raw response by the name of its model, which is not among the inputs', async ({ expect }) => {
    const { runs, call } = bound(() => Response.json({ response: 'x' }))
    await call()
    expect(runs).toEqual([
      { model: MODEL, inputs: { messages: [], max_tokens: 9 }, options: { returnRawResponse: true } },
    ])
  })

  it('takes the place of the vendor over HTTP, and is absent where nothing is set', ({ expect }) => {
    const fetch = () => Promise.reject(new Error('no network'))
    const secrets = { WORKERS_AI_API_KEY: 'k', WORKERS_AI_ACCOUNT_ID: 'acc' }
    const workersAi: WorkersAi = { run: () => Promise.reject(new Error('not asked')) }
    const both = configuredProviders({ mock: false, secrets, workersAi }, fetch)
    expect([...both.keys()]).toEqual(['workers-ai'])
    expect(both.get('workers-ai')?.pricebook).toBe('cloudflare')
    expect(configuredProviders({ mock: false, secrets: {} }, fetch).size).toBe(0)
  })

  it('passes an answer in the shape of a chat as it came', async ({ expect }) => {
    const body = '{"id":"x","choices":[{"message":{"content":"hi"}}],"usage":{"prompt_tokens":1.0}}'
    const { call } = bound(() => new Response(body, { headers: { 'content-type': 'application/json' } }))
    expect(await (await call()).text()).toBe(body)
  })

  it("makes Cloudflare's own shape into a chat: text, calls, a structured answer, usage", async ({ expect }) => {
    const answers = [
      { response: 'hi', usage: USAGE },
      { response: null, tool_calls: [{ name: 'f', arguments: { a: 1 } }, { name: 'g' }], usage: USAGE },
      { response: { city: 'Zürich' } },
    ]
    const choices = []
    for (const answer of answers) {
      const { chat, call } = bound(() => Response.json(answer))
      const body = (await (await call()).json()) as Record<string, unknown>
      expect(chat.dialect.readUsage(body)).toEqual(answer.usage && { ...NO_USAGE, inputTokens: 20, outputTokens: 7 })
      choices.push(codecOf('openai-chat').decodeAnswer(body).choices)
    }
    expect(choices).toEqual([
      [{ index: 0, parts: [{ kind: 'text', text: 'hi' }], finish: 'stop' }],
      [
        {
          index: 0,
          parts: [
            { kind: 'tool_call', id: 'call_0', name: 'f', arguments: '{"a":1}' },
            { kind: 'tool_call', id: 'call_1', name: 'g', arguments: '{}' },
          ],
          finish: 'tool_calls',
        },
      ],
      [{ index: 0, parts: [{ kind: 'text', text: '{"city":"Zürich"}' }], finish: 'stop' }],
    ])
  })

  it('passes errors and what is no answer as they came', async ({ expect }) => {
    const told = { internalCode: 3036, message: 'out of neurons', name: 'AiError', description: 'limit' }
    const failing = bound(() => Response.json(told, { status: 429 }))
    const answer = await failing.call()
    expect([answer.status, await answer.json()]).toEqual([429, told])
    for (const body of ['', 'nonsense', '[]', '{"x":1}', 'null']) {
      const { call } = bound(() => new Response(body))
      expect(await (await call()).text()).toBe(body)
    }
  })

  it('makes a stream of its own shape into chunks of a chat, wherever it is cut', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), async (cuts, isCrlf) => {
        const sent = isCrlf ? NATIVE_TEXT.replaceAll('\n', '\r\n') : NATIVE_TEXT
        const { chat, call } = bound(() => new Response(cutStream(sent, cuts), EVENTS))
        const text = await (await call(true)).text()
        const datas = dataOf(text)
        expect(datas.at(-1)).toBe('[DONE]')
        const reader = chat.dialect.streamReader()
        for (const data of datas) reader.read(data)
        expect(reader.usage()).toEqual({ usage: { ...NO_USAGE, inputTokens: 20, outputTokens: 7 }, isWhole: true })
        expect(reader.hasEnded()).toBe(true)
        const deltas = deltasOf(datas)
        const said = deltas.map(delta => (delta.kind === 'text' ? delta.text : '')).join('')
        expect(said).toBe('Grüezi 👋🏽')
        expect(deltas.filter(({ kind }) => kind === 'finish')).toEqual([{ kind: 'finish', choice: 0, finish: 'stop' }])
        expect(deltas.filter(({ kind }) => kind === 'error')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('tells calls of a stream, whole ones and those in pieces', async ({ expect }) => {
    const pieces = [
      { response: '', tool_calls: [{ id: 'c9', type: 'function', index: 0, function: { name: 'f' } }] },
      { response: '', tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { response: '', tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { response: '', tool_calls: [{ id: null, type: null, index: 0, function: { name: null, arguments: '' } }] },
    ]
    const whole = [{ tool_calls: [{ name: 'f', arguments: { a: 1 } }] }]
    for (const events of [pieces, whole]) {
      const text = `${events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`
      const { call } = bound(() => new Response(text, EVENTS))
      const deltas = deltasOf(dataOf(await (await call(true)).text()))
      const args = deltas.map(delta => (delta.kind === 'tool_arguments' ? delta.text : '')).join('')
      expect(JSON.stringify(deltas)).toContain('"name":"f"')
      expect(args).toBe('{"a":1}')
      expect(deltas.at(-1)).toEqual({ kind: 'finish', choice: 0, finish: 'tool_calls' })
    }
  })

  it('does not make a stream whole that broke off', async ({ expect }) => {
    const { chat, call } = bound(() => new Response(NATIVE_TEXT.slice(0, 60), EVENTS))
    const datas = dataOf(await (await call(true)).text())
    const reader = chat.dialect.streamReader()
    for (const data of datas) reader.read(data)
    expect(reader.hasEnded()).toBe(false)
    expect(deltasOf(datas).at(-1)).toMatchObject({ kind: 'error', code: 'stream_cut_off' })
  })

  it('passes a stream of chunks as it came', async ({ expect }) => {
    const text = ': hello\n\ndata: {"choices":[{"delta":{"content":"x"}}]}\n\ndata: nonsense\n\ndata: [DONE]\n\n'
    const { call } = bound(() => new Response(text, EVENTS))
    expect(await (await call(true)).text()).toBe(text)
  })
})

describe('Workers AI over HTTP', () => {
  it('is asked on OpenAI’s wire below the account, with a token', async ({ expect }) => {
    const asked: { url: string; init: RequestInit }[] = []
    const fetch = async (url: string, init: RequestInit) => {
      asked.push({ url, init })
      return Response.json({})
    }
    const secrets = { WORKERS_AI_API_KEY: 'cf-token', WORKERS_AI_ACCOUNT_ID: 'a/b' }
    const chat = chatOf(configuredProviders({ mock: false, secrets }, fetch).get('workers-ai'))
    await chat.call({ model: MODEL, body: '{}', isStream: false })
    const url = 'https://api.cloudflare.com/client/v4/accounts/a%2Fb/ai/v1/chat/completions'
    expect(asked).toMatchObject([{ url, init: { headers: { authorization: 'Bearer cf-token' } } }])
  })
})
