import { describe, it } from 'vitest'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { openaiStreamReader } from '../../workers/providers/openai/stream-reader.ts'

const delta = (delta: unknown, more: object = {}) => JSON.stringify({ choices: [{ index: 0, delta }], ...more })
const content = (text: string, more: object = {}) => delta({ content: text }, more)
const tokens = (prompt: number, completion: number) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
})

function readAll(events: string[]) {
  const reader = openaiStreamReader()
  const usageOnly = events.map(event => reader.read(event).isUsageOnly)
  return { usageOnly, usage: reader.usage()?.usage, isWhole: reader.usage()?.isWhole, count: reader.countOutput() }
}

describe('a stream on the OpenAI wire', () => {
  it('has its usage in an event of its own', ({ expect }) => {
    const events = [
      delta({ role: 'assistant', content: '' }, { usage: null }),
      content('Hel', { usage: null }),
      content('lo', { usage: null }),
      delta({}, { usage: null }),
      JSON.stringify({ choices: [], usage: tokens(12, 2) }),
      '[DONE]',
    ]
    const { usageOnly, usage } = readAll(events)
    expect(usageOnly).toEqual([false, false, false, false, true, false])
    expect(usage).toEqual({ ...NO_USAGE, inputTokens: 12, outputTokens: 2 })
  })

  it('may have its usage beside the last delta, which the client must get', ({ expect }) => {
    const { usageOnly, usage } = readAll([content('a'), delta({}, { usage: tokens(5, 1) }), '[DONE]'])
    expect(usageOnly).toEqual([false, false, false])
    expect(usage).toMatchObject({ inputTokens: 5, outputTokens: 1 })
  })

  it('may have its usage under x_groq', ({ expect }) => {
    const { usage } = readAll([content('a'), delta({}, { x_groq: { id: 'r', usage: tokens(5, 1) } })])
    expect(usage).toMatchObject({ inputTokens: 5, outputTokens: 1 })
  })

  it('may grow its usage from chunk to chunk: the last one counts', ({ expect }) => {
    const grown = [1, 2, 3].map(output => content('a', { usage: tokens(5, output) }))
    expect(readAll(grown)).toMatchObject({ usage: { outputTokens: 3 }, isWhole: true })
    const broken = content('b', { usage: { prompt_tokens: 5, completion_tokens: null } })
    // What comes after the last good one is counted by us, and it says so.
    expect(readAll([...grown, broken, content('c')])).toMatchObject({ usage: { outputTokens: 5 }, isWhole: false })
  })

  it('loses no event to the client that is not usage alone', ({ expect }) => {
    const events = [
      '{"choices":[],"prompt_filter_results":[{"prompt_index":0}]}',
      '{"choices":[],"usage":null}',
      '{"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
      '{"error":{"message":"overloaded"}}',
      '{"usage":{"prompt_tokens":1,"completion_tokens":1}}',
      '{"choices":[],"usage":{',
      '',
    ]
    expect(readAll(events).usageOnly).toEqual(events.map(() => false))
  })

  it('takes no usage from generated text', ({ expect }) => {
    const text = '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
    const { usage, usageOnly } = readAll([content(text), delta({ tool_calls: [{ function: { arguments: text } }] })])
    expect(usage).toBeUndefined()
    expect(usageOnly).toEqual([false, false])
  })
})

describe('our own count of a stream', () => {
  it('is one for each delta that carries something', ({ expect }) => {
    const events = [delta({ role: 'assistant', content: '' }), content('a'), content('b'), delta({}), '[DONE]', 'x{']
    expect(readAll(events).count).toBe(2)
  })

  it('is one for four bytes where deltas are long', ({ expect }) => {
    expect(readAll([content('x'.repeat(41))]).count).toBe(11)
    expect(readAll([content('\u{1F600}'.repeat(10))]).count).toBe(10)
  })

  it.for([
    { kind: 'content', of: { content: 'abcdefgh' } },
    { kind: 'content in parts', of: { content: [{ type: 'text', text: 'abcdefgh' }] } },
    { kind: 'thinking', of: { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'abcdefgh' }] }] } },
    { kind: 'reasoning_content', of: { reasoning_content: 'abcdefgh' } },
    { kind: 'reasoning, once', of: { content: '', reasoning: 'abcdefgh', reasoning_content: 'abcdefgh' } },
    { kind: 'refusal', of: { content: null, refusal: 'abcdefgh' } },
    { kind: 'tool arguments', of: { tool_calls: [{ index: 0, function: { arguments: 'abcdefgh' } }] } },
    { kind: 'a tool name', of: { tool_calls: [{ index: 0, function: { name: 'abcd', arguments: 'efgh' } }] } },
    { kind: 'a function call', of: { function_call: { name: 'abcd', arguments: 'efgh' } } },
  ])('sees $kind', ({ of }, { expect }) => {
    expect(readAll([delta(of)]).count).toBe(2)
  })

  it('sees every choice', ({ expect }) => {
    const two = JSON.stringify({ choices: [0, 1].map(index => ({ index, delta: { content: 'a' } })) })
    expect(readAll([two, two]).count).toBe(4)
  })

  it('survives whatever a vendor sends', ({ expect }) => {
    const odd = ['null', '[]', '7', '{"choices":{}}', '{"choices":[null,1,{"delta":"x"},{"delta":{"content":7}}]}']
    expect(readAll([...odd, delta({ content: [null], tool_calls: [null, {}], function_call: 1 })]).count).toBe(0)
  })

  it('may be asked for at any time, and is the same however much was pending', ({ expect }) => {
    const reader = openaiStreamReader()
    const event = content('word', { padding: 'p'.repeat(1000) })
    for (let at = 1; at <= 600; at += 1) {
      reader.read(event)
      if (at % 100 === 0) expect(reader.countOutput()).toBe(at)
    }
    expect(readAll(Array.from({ length: 600 }, () => event)).count).toBe(600)
  })
})
