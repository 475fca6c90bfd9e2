import { describe, it } from 'vitest'
import { anthropicDialect } from '../../workers/providers/anthropic/anthropic-dialect.ts'
import { geminiDialect } from '../../workers/providers/gemini/gemini-dialect.ts'
import { openaiCompletionsDialect } from '../../workers/providers/openai/openai-completions-dialect.ts'
import { responsesDialect } from '../../workers/providers/openai-responses/responses-dialect.ts'
import type { Dialect } from '../../workers/providers/port.ts'

const anthropic = anthropicDialect()
const gemini = geminiDialect()
const responses = responsesDialect()
const completions = openaiCompletionsDialect()

function prepared(dialect: Dialect, body: Record<string, unknown>, maxOutputTokens?: number) {
  return JSON.parse(dialect.prepare(body, { model: 'm', isStream: body.stream === true, maxOutputTokens }))
}

/** Feeds a reader the data of events, and answers it. */
function readerOf(dialect: Dialect, events: unknown[]) {
  const reader = dialect.streamReader()
  for (const event of events) reader.read(JSON.stringify(event))
  return reader
}

describe('a request goes on as it came, but for its model and its cap', () => {
  it.for([
    { name: 'Anthropic', dialect: anthropic, sent: { model: 'x', max_tokens: 900, top_k: 5 }, field: 'max_tokens' },
    { name: 'Responses', dialect: responses, sent: { model: 'x', max_output_tokens: 900 }, field: 'max_output_tokens' },
    { name: 'Completions', dialect: completions, sent: { model: 'x', max_tokens: 900 }, field: 'max_tokens' },
  ])('on the wire of $name', ({ dialect, sent, field }, { expect }) => {
    expect(prepared(dialect, sent)).toEqual({ ...sent, model: 'm' })
    expect(prepared(dialect, sent, 1000)).toEqual({ ...sent, model: 'm' })
    expect(prepared(dialect, sent, 100)).toEqual({ ...sent, model: 'm', [field]: 100 })
    expect(prepared(dialect, { model: 'x', [field]: -1 }, 100)[field]).toBe(100)
    expect(prepared(dialect, { model: 'x' }, 100)[field]).toBe(100)
  })

  it('on the wire of Gemini, which has the model elsewhere', ({ expect }) => {
    const sent = { contents: [], generationConfig: { temperature: 0, maxOutputTokens: 900 } }
    expect(prepared(gemini, sent)).toEqual(sent)
    expect(prepared(gemini, sent, 100).generationConfig).toEqual({ temperature: 0, maxOutputTokens: 100 })
    expect(prepared(gemini, { contents: [] }, 100).generationConfig).toEqual({ maxOutputTokens: 100 })
  })
})

describe('usage is what the vendor bills', () => {
  // https://platform.claude.com/docs/en/build-with-claude/prompt-caching
  it('of Anthropic: what was read from the cache and written to it is input beside input_tokens', ({ expect }) => {
    const usage = {
      input_tokens: 10,
      output_tokens: 7,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 50,
      cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
    }
    const told = {
      inputTokens: 160,
      cachedInputTokens: 100,
      cacheWriteTokens: 50,
      cacheWrite1hTokens: 30,
      outputTokens: 7,
    }
    expect(anthropic.readUsage({ usage })).toMatchObject(told)
    expect(anthropic.readUsage({ usage: { input_tokens: 10 } })).toBeUndefined()
    expect(anthropic.readUsage({ usage: { input_tokens: -1, output_tokens: 2 } })).toBeUndefined()
  })

  // https://ai.google.dev/api/generate-content#UsageMetadata
  it('of Gemini: thoughts are output beside the candidates, and what tools put in is input', ({ expect }) => {
    const usageMetadata = {
      ...{ promptTokenCount: 100, cachedContentTokenCount: 40, toolUsePromptTokenCount: 5 },
      ...{ candidatesTokenCount: 20, thoughtsTokenCount: 30, totalTokenCount: 155 },
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 90 },
        { modality: 'AUDIO', tokenCount: 10 },
      ],
    }
    const input = { inputTokens: 105, cachedInputTokens: 40, inputAudioTokens: 10 }
    expect(gemini.readUsage({ usageMetadata })).toMatchObject({ ...input, outputTokens: 50, reasoningTokens: 30 })
    expect(gemini.readUsage({ usageMetadata: {} })).toBeUndefined()
  })

  // https://platform.openai.com/docs/api-reference/responses/object
  it('of responses: whole, or in the event that ends the stream', ({ expect }) => {
    const usage = {
      ...{ input_tokens: 100, input_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 } },
      ...{ output_tokens: 30, output_tokens_details: { reasoning_tokens: 20 }, total_tokens: 130 },
    }
    const input = { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 10 }
    const told = { ...input, outputTokens: 30, reasoningTokens: 20 }
    expect(responses.readUsage({ usage })).toMatchObject(told)
    expect(responses.readUsage({ type: 'response.completed', response: { usage } })).toMatchObject(told)
    expect(responses.readUsage({ type: 'response.created', response: { usage: null } })).toBeUndefined()
  })
})

const START = {
  type: 'message_start',
  message: { usage: { input_tokens: 12, cache_read_input_tokens: 8, output_tokens: 1 } },
}
const BLOCK = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
const text = (words: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } })

describe('a stream', () => {
  it('of Anthropic tells its input first and its output last', ({ expect }) => {
    const last = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 42 } }
    const reader = readerOf(anthropic, [START, BLOCK, text('hello'), last, { type: 'message_stop' }])
    expect(reader.usage()).toMatchObject({
      isWhole: true,
      usage: { inputTokens: 20, outputTokens: 42, cachedInputTokens: 8 },
    })
    expect(reader.isOutputOver(0)).toBe(false)
  })

  it('of Anthropic that broke off is charged the input it told and the output that came', ({ expect }) => {
    const reader = readerOf(anthropic, [START, BLOCK, text('hello'), text(' world')])
    expect(reader.usage()).toMatchObject({ isWhole: false, usage: { inputTokens: 20, outputTokens: 3 } })
    expect(readerOf(anthropic, [BLOCK, text('hi')]).usage()).toBeUndefined()
  })

  it('of Anthropic that is cut ends its block and its message, as one whose cap was reached', ({ expect }) => {
    const events = readerOf(anthropic, [START, BLOCK, text('hello')]).cutOff({ withUsage: true, inputTokens: 1 })
    const data = [...events.matchAll(/^data: ([^\n]*)$/gm)].map(([, json]) => JSON.parse(json ?? ''))
    expect(data.map(({ type }) => type)).toEqual(['content_block_stop', 'message_delta', 'message_stop'])
    expect(data[1]).toMatchObject({ delta: { stop_reason: 'max_tokens' }, usage: { output_tokens: 2 } })
  })

  const chunk = (words: string, more: object = {}) => ({
    candidates: [{ index: 0, content: { role: 'model', parts: [{ text: words }] }, ...more }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: words.length },
  })

  it('of Gemini tells its usage so far in every chunk, and the whole in the last', ({ expect }) => {
    const reader = readerOf(gemini, [chunk('a'), chunk('bcd', { finishReason: 'STOP' })])
    expect(reader.usage()).toMatchObject({ isWhole: true, usage: { inputTokens: 9, outputTokens: 3 } })
    expect(readerOf(gemini, [chunk('ab')]).usage()).toMatchObject({ isWhole: false, usage: { outputTokens: 2 } })
  })

  it('of Gemini that is cut says that its cap was reached', ({ expect }) => {
    const event = readerOf(gemini, [chunk('ab')]).cutOff({ withUsage: true, inputTokens: 9 })
    expect(JSON.parse(event.replace('data: ', ''))).toMatchObject({
      candidates: [{ index: 0, finishReason: 'MAX_TOKENS' }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 1 },
    })
  })

  const created = {
    type: 'response.created',
    sequence_number: 0,
    response: { id: 'resp_1', status: 'in_progress', output: [] },
  }
  const delta = (words: string) => ({ type: 'response.output_text.delta', sequence_number: 1, delta: words })

  it('of a response tells its usage in the end, and is counted where there is none', ({ expect }) => {
    const usage = { input_tokens: 5, output_tokens: 6 }
    const done = { type: 'response.completed', sequence_number: 2, response: { id: 'resp_1', usage } }
    expect(readerOf(responses, [created, delta('x'), done]).usage()).toMatchObject({
      isWhole: true,
      usage: { outputTokens: 6 },
    })
    const cut = readerOf(responses, [created, delta('four'), delta('five')])
    expect(cut.usage()).toBeUndefined()
    expect(cut.countOutput()).toBe(2)
    const [, json] = /^data: ([^\n]*)$/m.exec(cut.cutOff({ withUsage: true, inputTokens: 5 })) ?? []
    expect(JSON.parse(json ?? '')).toMatchObject({
      ...{ type: 'response.incomplete', sequence_number: 3 },
      response: { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    })
  })

  it('of a legacy completion is counted by its texts, and cut as such', ({ expect }) => {
    const part = {
      id: 'cmpl-1',
      created: 1,
      model: 'm',
      object: 'text_completion',
      choices: [{ index: 0, text: 'word' }],
    }
    const reader = readerOf(completions, [part, part])
    expect(reader.countOutput()).toBe(2)
    const [, json] = /^data: ([^\n]*)$/m.exec(reader.cutOff({ withUsage: false, inputTokens: 1 })) ?? []
    expect(JSON.parse(json ?? '')).toMatchObject({
      object: 'text_completion',
      choices: [{ text: '', finish_reason: 'length' }],
    })
  })

  it.for([
    { name: 'Anthropic', dialect: anthropic },
    { name: 'Gemini', dialect: gemini },
    { name: 'responses', dialect: responses },
    { name: 'completions', dialect: completions },
  ])('of $name is read whatever it says', ({ dialect }, { expect }) => {
    const reader = dialect.streamReader()
    const odd = [
      '',
      '[DONE]',
      '{',
      'null',
      '[]',
      '{"usage":{}}',
      '{"type":"message_delta","usage":7}',
      '{"candidates":[null]}',
    ]
    for (const data of odd) expect(() => reader.read(data)).not.toThrow()
    expect(() => [reader.usage(), reader.countOutput(), reader.isOutputOver(0)]).not.toThrow()
  })
})
