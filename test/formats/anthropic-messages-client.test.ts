import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { anthropicMessagesCodec as codec } from '../../workers/formats/anthropic-messages/anthropic-messages-codec.ts'
import type { ChatAsk, ChatDelta, Part } from '../../workers/formats/chat.ts'
import type { Json } from '../../workers/formats/codec.ts'
import { answers } from './anthropic-messages-generators.ts'
import { deltasOf } from './anthropic-messages-parts.ts'

const ASKED: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'claude',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
}

/** Anthropic's own client, before a vendor that answers this. `asked` are the bodies it sent, as they were understood. */
function clientOf(answer: (ask: ChatAsk) => Response) {
  const asked: ChatAsk[] = []
  const client = new Anthropic({
    apiKey: 'k',
    baseURL: 'http://weir.test',
    maxRetries: 0,
    fetch: async (_url, init) => {
      const ask = codec.decodeRequest(JSON.parse(String(init?.body)) as Json)
      asked.push(ask)
      return answer(ask)
    },
  })
  return { client, asked }
}

function streamOf(deltas: ChatDelta[]) {
  return (ask: ChatAsk) => {
    const encoder = codec.streamEncoder(ask)
    const body = [...deltas.map(delta => encoder.push(delta)), encoder.end()].join('')
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
}

/** What comes back as the next request's prompt, once the client has sent what it got. */
function sentBack({ content }: Anthropic.Message): Part[] | undefined {
  const messages = [...ASKED.messages, { role: 'assistant', content }]
  return codec.decodeRequest({ ...ASKED, messages }).messages.at(-1)?.parts
}

const TEXT: Part = { kind: 'text', text: 'Sunny.' }
const PARTS: Part[] = [
  { kind: 'reasoning', text: 'Hm, weather.', signature: 'c2ln', id: 'rs_1' },
  { kind: 'reasoning', text: '', redacted: 'eHl6' },
  { kind: 'text', text: 'I look.' },
  { kind: 'tool_call', id: 'call:1', name: 'weather', arguments: '{"city":"Riga"}', signature: 'Z2VtaW5p' },
  { kind: 'tool_call', id: 'call_2', name: 'time', arguments: '{}' },
]

describe("Anthropic's own client", () => {
  it('reads any answer, and what it sends back is what it got', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(answers, async made => {
        const { client } = clientOf(ask => Response.json(codec.encodeAnswer(made, ask)))
        const message = await client.messages.create(ASKED)
        expect(codec.decodeAnswer(message as unknown as Json)).toEqual(made)
        expect(sentBack(message)).toEqual(made.choices[0]?.parts)
      }),
    )
  })

  it('reads any stream into the same message as the whole answer', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(answers, fc.integer({ min: 1, max: 9 }), async (made, size) => {
        const { id, model, usage, choices } = made
        const { parts = [], finish = 'other' } = choices[0] ?? {}
        const { client } = clientOf(
          streamOf([
            { kind: 'start', id, model, createdMs: 0 },
            ...parts.flatMap((part, index) => deltasOf(part, index, size)),
            { kind: 'finish', choice: 0, finish },
            ...(usage ? [{ kind: 'usage', usage } as const] : []),
          ]),
        )
        const message = await client.messages.stream(ASKED).finalMessage()
        const {
          content,
          stop_reason,
          usage: told,
        } = codec.encodeAnswer(made, codec.decodeRequest({ ...ASKED })) as unknown as Anthropic.Message
        expect(message).toMatchObject({ id, model, role: 'assistant', content, stop_reason })
        expect(message.usage.output_tokens).toBe(told.output_tokens)
        expect(message.usage.input_tokens).toBe(told.input_tokens)
        expect(sentBack(message)).toEqual(parts)
      }),
    )
  })

  it('hears text, thoughts and calls as they come', async ({ expect }) => {
    const deltas = PARTS.flatMap((part, index) => deltasOf(part, index, 4))
    const start: ChatDelta = { kind: 'start', id: 'm', model: 'claude', createdMs: 0 }
    const { client } = clientOf(streamOf([start, ...deltas, { kind: 'finish', choice: 0, finish: 'tool_calls' }]))
    const heard = { text: '', thinking: '', blocks: [] as string[] }
    const stream = client.messages.stream(ASKED)
    stream.on('text', text => (heard.text += text))
    stream.on('thinking', text => (heard.thinking += text))
    stream.on('contentBlock', block => heard.blocks.push(block.type))
    await stream.done()
    expect(heard).toEqual({
      text: 'I look.',
      thinking: 'Hm, weather.',
      blocks: ['thinking', 'redacted_thinking', 'text', 'tool_use', 'tool_use'],
    })
  })

  it("gets through a round of tools, with each vendor's marks where they were", async ({ expect }) => {
    const { client, asked } = clientOf(ask => {
      const isDone = ask.messages.length > 1
      const choice = {
        index: 0,
        parts: isDone ? [TEXT] : PARTS,
        finish: isDone ? ('stop' as const) : ('tool_calls' as const),
      }
      return Response.json(
        codec.encodeAnswer({ id: 'm', model: 'x', createdMs: 0, choices: [choice], usage: undefined }, ask),
      )
    })
    const first = await client.messages.create(ASKED)
    const results = first.content
      .filter(block => block.type === 'tool_use')
      .map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'done' }))
    const next: Anthropic.MessageParam[] = [
      { role: 'assistant', content: first.content },
      { role: 'user', content: results },
    ]
    const last = await client.messages.create({ ...ASKED, messages: [...ASKED.messages, ...next] })
    expect(last).toMatchObject({ content: [{ type: 'text', text: 'Sunny.' }], stop_reason: 'end_turn' })
    const done = [{ kind: 'text', text: 'done' }]
    expect(asked[1]?.messages.slice(1)).toEqual([
      { role: 'assistant', parts: PARTS },
      { role: 'user', parts: ['call:1', 'call_2'].map(callId => ({ kind: 'tool_result', callId, content: done })) },
    ])
  })

  it('parses an answer that follows its schema', async ({ expect }) => {
    const choices = [{ index: 0, parts: [{ kind: 'text' as const, text: '{"a":1}' }], finish: 'stop' as const }]
    const { client, asked } = clientOf(ask =>
      Response.json(codec.encodeAnswer({ id: 'm', model: 'x', createdMs: 0, choices, usage: undefined }, ask)),
    )
    const schema = { type: 'object', properties: { a: { type: 'number' } } }
    const format = { type: 'json_schema' as const, schema, parse: (text: string) => JSON.parse(text) as Json }
    expect((await client.messages.parse({ ...ASKED, output_config: { format } })).parsed_output).toEqual({ a: 1 })
    expect(asked[0]?.output).toMatchObject({ kind: 'schema', schema })
  })

  it('throws the error that was told, whole and in a stream', async ({ expect }) => {
    const error = { status: 429, code: 'budget_exceeded', message: 'Spent.' }
    const whole = clientOf(() => Response.json(codec.encodeError(error), { status: 429 }))
    await expect(whole.client.messages.create(ASKED)).rejects.toMatchObject({
      name: 'RateLimitError',
      type: 'rate_limit_error',
      errorCode: 'budget_exceeded',
      apiMessage: 'Spent.',
    })
    const streamed = clientOf(
      streamOf([
        { kind: 'start', id: 'm', model: 'x', createdMs: 0 },
        { kind: 'error', ...error },
      ]),
    )
    await expect(streamed.client.messages.stream(ASKED).finalMessage()).rejects.toMatchObject({
      type: 'rate_limit_error',
    })
    const broken = clientOf(streamOf([{ kind: 'text', choice: 0, text: 'Half' }]))
    await expect(broken.client.messages.stream(ASKED).finalMessage()).rejects.toMatchObject({ type: 'api_error' })
  })
})
