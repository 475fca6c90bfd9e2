import { describe, it } from 'vitest'
import { cohereChatCodec } from '../../workers/formats/cohere-chat/cohere-chat-codec.ts'
import { cohereDialect } from '../../workers/providers/cohere/cohere-dialect.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'

const dialect = cohereDialect()

function readerOf(events: unknown[]) {
  const reader = dialect.streamReader()
  for (const event of events) reader.read(JSON.stringify(event))
  return reader
}

const message = (type: string, said: object, index = 0) => ({ type, index, delta: { message: said } })
const text = (words: string) => message('content-delta', { content: { text: words } })
const START = { id: 'c1', type: 'message-start', delta: { message: { role: 'assistant', content: [] } } }
const OPEN = message('content-start', { content: { type: 'text', text: '' } })
// In the shape of a recorded stream: most of what the model read is a preamble, cached and not billed.
const USAGE = {
  billed_units: { input_tokens: 12, output_tokens: 7 },
  tokens: { input_tokens: 507, output_tokens: 10 },
  cached_tokens: 448,
}
const END = { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: USAGE } }

describe('Cohere', () => {
  it('is asked at its own address, with its key', async ({ expect }) => {
    const asked: { url: string; init: RequestInit }[] = []
    const fetch = async (url: string, init: RequestInit) => {
      asked.push({ url, init })
      return new Response('{}')
    }
    const cohere = configuredProviders({ mock: false, secrets: { COHERE_API_KEY: 'co-1\n' } }, fetch).get('cohere')
    const access = await cohere?.keys[0]?.open()
    if (access) await cohere?.endpoints.get('cohere-chat')?.call({ model: 'm', body: '{}', isStream: true }, access)
    expect(asked).toMatchObject([
      {
        url: 'https://api.cohere.com/v2/chat',
        init: { headers: { authorization: 'Bearer co-1', accept: 'text/event-stream' } },
      },
    ])
  })

  it('is always told whether to stream, and never more tokens than the cap', ({ expect }) => {
    const prepared = (body: Record<string, unknown>, maxOutputTokens?: number) =>
      JSON.parse(dialect.prepare(body, { model: 'm', isStream: false, maxOutputTokens }))
    expect(prepared({ model: 'x', k: 5 })).toEqual({ model: 'm', k: 5, stream: false })
    expect(prepared({ max_tokens: 900 }, 100)).toEqual({ model: 'm', max_tokens: 100, stream: false })
    expect(prepared({ max_tokens: 50 }, 100).max_tokens).toBe(50)
  })

  it('bills its billed units, not the tokens that its model read', ({ expect }) => {
    const told = { inputTokens: 12, outputTokens: 7, cachedInputTokens: 0 }
    expect(dialect.readUsage({ usage: USAGE })).toMatchObject(told)
    expect(readerOf([START, OPEN, text('The'), END]).usage()).toMatchObject({ isWhole: true, usage: told })
    const { tokens } = USAGE
    expect(dialect.readUsage({ usage: { tokens } })).toMatchObject({ inputTokens: 507, outputTokens: 10 })
    for (const odd of [
      undefined,
      {},
      { billed_units: { input_tokens: 1 } },
      { billed_units: { input_tokens: -1, output_tokens: 2 } },
    ])
      expect(dialect.readUsage({ usage: odd })).toBeUndefined()
  })

  it('is counted by its text, thoughts, plan and calls where a stream broke off', ({ expect }) => {
    const call = { id: 't1', type: 'function', function: { name: 'four', arguments: '' } }
    const reader = readerOf([
      START,
      OPEN,
      text('four'),
      message('content-delta', { content: { thinking: 'four' } }),
      message('tool-plan-delta', { tool_plan: 'four' }),
      message('tool-call-start', { tool_calls: call }),
      message('tool-call-delta', { tool_calls: { function: { arguments: '{"a":1} ' } } }),
      message('citation-start', { citations: { text: 'x'.repeat(400) } }),
    ])
    expect(reader.usage()).toBeUndefined()
    expect(reader.countOutput()).toBe(6)
    expect(reader.hasEnded()).toBe(false)
  })

  it('is cut off as one whose cap was reached, its open block ended', ({ expect }) => {
    const sse = readerOf([START, OPEN, text('hello')]).cutOff({ withUsage: true, inputTokens: 9 })
    const events = [...sse.matchAll(/^data: ([^\n]*)$/gm)].map(([, data]) => data ?? '')
    expect(events.map(data => JSON.parse(data).type)).toEqual(['content-end', 'message-end'])
    const decoder = cohereChatCodec.streamDecoder()
    expect(events.flatMap(data => decoder.push({ data }))).toMatchObject([
      { kind: 'start' },
      { kind: 'usage', usage: { inputTokens: 9, outputTokens: 2 } },
      { kind: 'finish', finish: 'length' },
    ])
  })

  it('is read whatever it says', ({ expect }) => {
    const reader = dialect.streamReader()
    for (const odd of [
      '',
      '{',
      'null',
      '[]',
      '{"usage":{}}',
      '{"type":7,"delta":null}',
      '{"type":"message-end","delta":{"usage":{"tokens":3}}}',
    ])
      expect(() => reader.read(odd)).not.toThrow()
    expect(() => [reader.usage(), reader.countOutput(), reader.isOutputOver(0)]).not.toThrow()
  })
})
