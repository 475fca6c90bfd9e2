import fc from 'fast-check'
import { describe, it } from 'vitest'
import { byteStream } from '../../workers/providers/mock/byte-stream.ts'
import { mockProvider } from '../../workers/providers/mock/mock-provider.ts'
import { chatOf } from '../support/chat-of.ts'
import { type Chunk, call, chunks, complete, eventData, user } from './mock-call.ts'

const MODELS = ['echo', 'reasoning', 'tools', 'free', 'tiered']
const STREAM = { stream: true, stream_options: { include_usage: true } }
const TOOL = {
  type: 'function',
  function: { name: 'f', parameters: { properties: { a: { type: 'string' } }, required: ['a'] } },
}

const carriesToken = ({ choices }: Chunk) =>
  choices.some(({ delta }) => (delta.content ?? '') !== '' || delta.tool_calls !== undefined)

describe('the mock, streaming', () => {
  it('sends one chunk for each token between an opening and an end', async ({ expect }) => {
    const sent = await chunks('echo', { messages: [user('Hello big world!')] })
    expect(sent.map(chunk => chunk.choices[0]?.delta.content)).toEqual([
      '',
      'Hello',
      ' big',
      ' world',
      '!',
      undefined,
      undefined,
    ])
    expect(sent.map(chunk => chunk.choices[0]?.finish_reason)).toEqual([...Array(5).fill(null), 'stop', undefined])
  })

  it('sends usage only where it is asked for, and null before it', async ({ expect }) => {
    const asked = await chunks('echo')
    expect(asked.map(chunk => chunk.usage === null)).toEqual([true, true, true, false])
    expect(asked.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 1 } })
    const data = await eventData(await call('echo', { stream: true }))
    expect(data.some(text => text.includes('usage'))).toBe(false)
  })

  it('is read by its own dialect, whatever is asked', async ({ expect }) => {
    const asked = fc.record({
      model: fc.constantFrom(...MODELS),
      text: fc.oneof(fc.lorem(), fc.string({ unit: 'grapheme' })),
      n: fc.integer({ min: 1, max: 8 }),
      cap: fc.option(fc.integer({ min: 1, max: 40 })),
      tools: fc.constantFrom(undefined, [TOOL], [TOOL, TOOL]),
    })
    await fc.assert(
      fc.asyncProperty(asked, async ({ model, text, n, cap, tools }) => {
        const chat = { messages: [user(text)], n, max_completion_tokens: cap, tools }
        const reader = chatOf(mockProvider()).dialect.streamReader()
        const data = await eventData(await call(model, { ...STREAM, ...chat }))
        const usageOnly = data.filter(event => reader.read(event).isUsageOnly)
        const sent = data.slice(0, -1).map(event => JSON.parse(event) as Chunk)
        const usage = reader.usage()?.usage
        expect(usageOnly).toEqual([data.at(-2)])
        expect(usage).toEqual(chatOf(mockProvider()).dialect.readUsage(await complete(model, chat)))
        const seen = (usage?.outputTokens ?? 0) - (usage?.reasoningTokens ?? 0)
        expect(sent.filter(carriesToken).length).toBe(seen)
        expect(reader.countOutput()).toBeGreaterThanOrEqual(seen)
        expect(usage?.outputTokens).toBeLessThanOrEqual(n * (cap ?? Number.POSITIVE_INFINITY))
      }),
    )
  })

  it('says the same as the whole answer, choice by choice', async ({ expect }) => {
    const chat = { messages: [user('Hello  big world! ')], n: 3 }
    const said = ['', '', '']
    for (const { choices } of await chunks('echo', chat)) {
      for (const { index, delta } of choices) said[index] += delta.content ?? ''
    }
    expect(said).toEqual((await complete('echo', chat)).choices.map(({ message }) => message.content))
  })

  it('drops in the middle, without usage or end', async ({ expect }) => {
    const response = await call('drop', { ...STREAM, messages: [user('one two three four five six')] })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const readOn = async () => {
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value
    }
    await expect(readOn()).rejects.toThrow()
    expect(text).toContain('one')
    expect(text).not.toMatch(/completion_tokens|DONE|"stop"/)
  })

  it.for(['echo', 'slow'])('stops when the call of %s is aborted', async (model, { expect }) => {
    const abort = new AbortController()
    const response = await call(model, { ...STREAM, messages: [user('word '.repeat(1000))] }, abort.signal)
    const reader = response.body?.getReader()
    expect((await reader?.read())?.done).toBe(false)
    abort.abort(new Error('gone'))
    const readOn = async () => {
      for (let part = await reader?.read(); part && !part.done; ) part = await reader?.read()
    }
    await expect(readOn()).rejects.toThrow('gone')
  })

  it('may be cancelled', async ({ expect }) => {
    const response = await call('slow', { ...STREAM, messages: [user('word '.repeat(1000))] })
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect((await reader?.read())?.done).toBe(true)
  })

  it('makes nothing before it is read, and ends when it is cancelled', async ({ expect }) => {
    const made: string[] = []
    async function* texts() {
      try {
        for (;;) {
          made.push('made')
          yield 'x'
        }
      } finally {
        made.push('ended')
      }
    }
    const reader = byteStream(texts()).getReader()
    await reader.read()
    await reader.cancel()
    expect(made.at(-1)).toBe('ended')
    expect(made.length).toBeLessThan(5)
  })
})
