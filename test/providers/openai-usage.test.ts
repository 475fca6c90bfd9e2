import fc from 'fast-check'
import { describe, it } from 'vitest'
import { NO_USAGE, type Usage } from '../../workers/core/usage.ts'
import { readOpenaiUsage } from '../../workers/providers/openai/read-usage.ts'

const read = (usage: unknown) => readOpenaiUsage({ id: 'c', choices: [], usage })

type Case = { vendor: string; usage: Record<string, unknown>; means: Partial<Usage> }

const CASES: Case[] = [
  {
    vendor: 'plain',
    usage: { prompt_tokens: 21, completion_tokens: 8, total_tokens: 29 },
    means: { inputTokens: 21, outputTokens: 8 },
  },
  {
    vendor: 'openai with reasoning and a cached prompt',
    usage: {
      prompt_tokens: 2048,
      completion_tokens: 500,
      total_tokens: 2548,
      prompt_tokens_details: { cached_tokens: 1024, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 320,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    means: { inputTokens: 2048, cachedInputTokens: 1024, outputTokens: 500, reasoningTokens: 320 },
  },
  {
    vendor: 'openai with audio',
    usage: {
      prompt_tokens: 90,
      completion_tokens: 120,
      total_tokens: 210,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 70, text_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 100, text_tokens: 20 },
    },
    means: { inputTokens: 90, inputAudioTokens: 70, outputTokens: 120, outputAudioTokens: 100 },
  },
  {
    vendor: 'openrouter with cache writes',
    usage: {
      prompt_tokens: 1500,
      completion_tokens: 40,
      total_tokens: 1540,
      cost: 0.0021,
      prompt_tokens_details: { cached_tokens: 200, cache_write_tokens: 1200, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, image_tokens: 0 },
    },
    means: { inputTokens: 1500, cachedInputTokens: 200, cacheWriteTokens: 1200, outputTokens: 40 },
  },
  {
    vendor: 'deepseek',
    usage: {
      prompt_tokens: 400,
      completion_tokens: 60,
      total_tokens: 460,
      prompt_cache_hit_tokens: 384,
      prompt_cache_miss_tokens: 16,
      completion_tokens_details: { reasoning_tokens: 45 },
    },
    means: { inputTokens: 400, cachedInputTokens: 384, outputTokens: 60, reasoningTokens: 45 },
  },
  {
    vendor: 'mistral, whose other count of cached tokens is not what it bills',
    usage: {
      prompt_tokens: 130,
      total_tokens: 150,
      completion_tokens: 20,
      num_cached_tokens: 129,
      prompt_tokens_details: { cached_tokens: 64 },
    },
    means: { inputTokens: 130, cachedInputTokens: 64, outputTokens: 20 },
  },
  {
    vendor: 'groq',
    usage: {
      queue_time: 0.04,
      prompt_tokens: 200,
      prompt_time: 0.01,
      completion_tokens: 15,
      completion_time: 0.04,
      total_tokens: 215,
      total_time: 0.05,
    },
    means: { inputTokens: 200, outputTokens: 15 },
  },
  {
    vendor: 'xai, which counts reasoning outside of completion_tokens',
    usage: {
      prompt_tokens: 30,
      completion_tokens: 4,
      total_tokens: 334,
      prompt_tokens_details: { text_tokens: 30, audio_tokens: 0, image_tokens: 0, cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 300, audio_tokens: 0 },
    },
    means: { inputTokens: 30, cachedInputTokens: 6, outputTokens: 304, reasoningTokens: 300 },
  },
  {
    vendor: 'gemini, whose thoughts are in the total only',
    usage: { prompt_tokens: 20, completion_tokens: 198, total_tokens: 623 },
    means: { inputTokens: 20, outputTokens: 603, reasoningTokens: 405 },
  },
  {
    vendor: 'one that sends nulls for details',
    usage: {
      prompt_tokens: 9,
      completion_tokens: 0,
      total_tokens: 9,
      prompt_tokens_details: null,
      completion_tokens_details: null,
    },
    means: { inputTokens: 9 },
  },
  {
    vendor: 'one whose total is less than its parts',
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 3 },
    means: { inputTokens: 9, outputTokens: 3 },
  },
  {
    vendor: 'one whose parts are more than their totals',
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5,
      prompt_tokens_details: { cached_tokens: 99, audio_tokens: 11, cache_write_tokens: 12 },
      completion_tokens_details: { reasoning_tokens: 6, audio_tokens: 7 },
    },
    means: {
      inputTokens: 10,
      cachedInputTokens: 10,
      cacheWriteTokens: 10,
      inputAudioTokens: 10,
      outputTokens: 5,
      reasoningTokens: 5,
      outputAudioTokens: 5,
    },
  },
  {
    vendor: 'one whose parts are broken',
    usage: {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: '15',
      prompt_tokens_details: { cached_tokens: -4, audio_tokens: 'many' },
      completion_tokens_details: { reasoning_tokens: 1.5 },
    },
    means: { inputTokens: 10, outputTokens: 5 },
  },
]

describe('usage on the OpenAI wire', () => {
  it.for(CASES)('is read from $vendor', ({ usage, means }, { expect }) => {
    expect(read(usage)).toEqual({ ...NO_USAGE, ...means })
  })

  it.for([undefined, null, 7, 'x', [], {}, { total_tokens: 9 }, { prompt_tokens: 9 }, { completion_tokens: 9 }])(
    'is not read from %j',
    (usage, { expect }) => {
      expect(read(usage)).toBeUndefined()
    },
  )

  it.for([-1, 1.5, '12', null, true, [3], 1e300])('is not read where a total is %j', (broken, { expect }) => {
    expect(read({ prompt_tokens: broken, completion_tokens: 1 })).toBeUndefined()
    expect(read({ prompt_tokens: 1, completion_tokens: broken })).toBeUndefined()
  })

  it.for([undefined, null, 'text', 5, []])('is not read from an answer that is %j', (body, { expect }) => {
    expect(readOpenaiUsage(body)).toBeUndefined()
  })

  it('never has a part above its total, nor anything but whole numbers', ({ expect }) => {
    const value = fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.string(), fc.constant(null))
    const details = fc.record({ cached_tokens: value, audio_tokens: value, cache_write_tokens: value })
    const usage = fc.record({
      prompt_tokens: fc.nat(),
      completion_tokens: fc.nat(),
      total_tokens: value,
      prompt_tokens_details: details,
      completion_tokens_details: fc.record({ reasoning_tokens: value, audio_tokens: value }),
    })
    fc.assert(
      fc.property(usage, sent => {
        const got = read(sent) ?? NO_USAGE
        expect(Object.values(got).every(tokens => Number.isSafeInteger(tokens) && tokens >= 0)).toBe(true)
        const { inputTokens, outputTokens } = got
        expect(Math.max(got.cachedInputTokens, got.cacheWriteTokens, got.inputAudioTokens)).toBeLessThanOrEqual(
          inputTokens,
        )
        expect(Math.max(got.reasoningTokens, got.outputAudioTokens)).toBeLessThanOrEqual(outputTokens)
        expect(outputTokens).toBeGreaterThanOrEqual(sent.completion_tokens)
      }),
    )
  })
})
