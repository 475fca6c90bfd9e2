import { describe, it } from 'vitest'
import type { BillableUsage } from '../../workers/core/pricing/index.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { anthropicDialect } from '../../workers/providers/anthropic/anthropic-dialect.ts'
import { readAnthropicUsage } from '../../workers/providers/anthropic/read-usage.ts'
import { readBedrockUsage } from '../../workers/providers/bedrock/read-usage.ts'
import { readCohereUsage } from '../../workers/providers/cohere/read-usage.ts'
import { geminiDialect } from '../../workers/providers/gemini/gemini-dialect.ts'
import { readGeminiUsage } from '../../workers/providers/gemini/read-usage.ts'
import { openaiDialect } from '../../workers/providers/openai/openai-dialect.ts'
import { readOpenaiUsage } from '../../workers/providers/openai/read-usage.ts'
import { readResponsesUsage } from '../../workers/providers/openai-responses/read-usage.ts'
import { responsesDialect } from '../../workers/providers/openai-responses/responses-dialect.ts'
import type { Dialect } from '../../workers/providers/port.ts'

type Case = [vendor: string, source: string, body: unknown, means: Partial<BillableUsage>]

const tokens = (modality: string, tokenCount: number) => ({ modality, tokenCount })

// Bodies made up in the shapes that each page shows.
const OPENAI_WIRE: Case[] = [
  [
    'OpenAI, with the tier that served it',
    'https://developers.openai.com/api/reference/resources/chat',
    { service_tier: 'default', usage: { prompt_tokens: 19, completion_tokens: 10, total_tokens: 29 } },
    { inputTokens: 19, outputTokens: 10, serviceTier: 'default' },
  ],
  [
    'OpenAI, asked for priority and served so',
    'https://developers.openai.com/api/docs/guides/priority-processing',
    {
      service_tier: 'priority',
      usage: {
        ...{ prompt_tokens: 1200, completion_tokens: 90, total_tokens: 1290 },
        prompt_tokens_details: { cached_tokens: 1024, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 64, audio_tokens: 0 },
      },
    },
    { inputTokens: 1200, cachedInputTokens: 1024, outputTokens: 90, reasoningTokens: 64, serviceTier: 'priority' },
  ],
  [
    'Groq, which names its standard tier otherwise',
    'https://console.groq.com/docs/service-tiers',
    {
      service_tier: 'on_demand',
      usage: { queue_time: 0.1, prompt_tokens: 40, completion_tokens: 5, total_tokens: 45, total_time: 0.2 },
      x_groq: { id: 'req_1' },
    },
    { inputTokens: 40, outputTokens: 5, serviceTier: 'on_demand' },
  ],
  [
    'Mistral, which serves but one tier',
    'https://docs.mistral.ai/api/endpoint/chat',
    { usage: { prompt_tokens: 16, completion_tokens: 34, total_tokens: 50 } },
    { inputTokens: 16, outputTokens: 34 },
  ],
  [
    'DeepSeek, with what its cache hit and missed',
    'https://api-docs.deepseek.com/guides/kv_cache',
    {
      usage: {
        ...{ prompt_tokens: 339, completion_tokens: 92, total_tokens: 431 },
        ...{ prompt_cache_hit_tokens: 320, prompt_cache_miss_tokens: 19 },
        completion_tokens_details: { reasoning_tokens: 48 },
      },
    },
    { inputTokens: 339, cachedInputTokens: 320, outputTokens: 92, reasoningTokens: 48 },
  ],
  [
    'xAI, with pictures, and reasoning beside its output',
    'https://docs.x.ai/docs/api-reference',
    {
      usage: {
        ...{ prompt_tokens: 300, completion_tokens: 9, total_tokens: 409, num_sources_used: 0 },
        prompt_tokens_details: { text_tokens: 44, audio_tokens: 0, image_tokens: 256, cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 100, audio_tokens: 0 },
      },
    },
    { inputTokens: 300, inputImageTokens: 256, cachedInputTokens: 4, outputTokens: 109, reasoningTokens: 100 },
  ],
  [
    'Perplexity, with its searches',
    'https://docs.perplexity.ai/api-reference/chat-completions-post',
    {
      usage: {
        ...{ prompt_tokens: 14, completion_tokens: 70, total_tokens: 84, num_search_queries: 3 },
        ...{ search_context_size: 'low', citation_tokens: 500 },
      },
    },
    { inputTokens: 14, outputTokens: 70, units: { web_searches: 3 } },
  ],
  [
    'OpenRouter, with pictures made, and video read',
    'https://openrouter.ai/docs/use-cases/usage-accounting',
    {
      usage: {
        ...{ prompt_tokens: 500, completion_tokens: 1300, total_tokens: 1800, cost: 0.04 },
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0, audio_tokens: 0, video_tokens: 400 },
        completion_tokens_details: { reasoning_tokens: 0, image_tokens: 1290 },
      },
    },
    { inputTokens: 500, inputVideoTokens: 400, outputTokens: 1300, outputImageTokens: 1290 },
  ],
]

const webSearch = (over: object = {}) => ({
  ...{ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
  ...over,
})

const RESPONSES: Case[] = [
  [
    'with the searches that are billed: completed ones, of the web and of files, and no page that was opened',
    'https://developers.openai.com/api/docs/guides/tools-web-search',
    {
      service_tier: 'flex',
      output: [
        webSearch(),
        webSearch({ action: undefined }),
        webSearch({ action: { type: 'open_page', url: 'u' } }),
        webSearch({ action: { type: 'find_in_page', url: 'u', pattern: 'p' } }),
        webSearch({ status: 'failed' }),
        { type: 'file_search_call', id: 'fs_1', status: 'completed', queries: ['a', 'b'] },
        { type: 'message', content: [] },
      ],
      usage: { input_tokens: 900, output_tokens: 50, total_tokens: 950 },
    },
    { inputTokens: 900, outputTokens: 50, units: { web_searches: 2, file_searches: 1 }, serviceTier: 'flex' },
  ],
  [
    'with pictures and sound',
    'https://developers.openai.com/api/reference/resources/responses',
    {
      usage: {
        ...{ input_tokens: 60, input_tokens_details: { cached_tokens: 5, image_tokens: 40, audio_tokens: 3 } },
        ...{ output_tokens: 30, output_tokens_details: { reasoning_tokens: 8, image_tokens: 20 } },
      },
    },
    {
      ...{ inputTokens: 60, cachedInputTokens: 5, inputImageTokens: 40, inputAudioTokens: 3 },
      ...{ outputTokens: 30, reasoningTokens: 8, outputImageTokens: 20 },
    },
  ],
]

const ANTHROPIC: Case[] = [
  [
    'with its searches and its tier',
    'https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool',
    {
      usage: {
        ...{ input_tokens: 105, output_tokens: 6039, cache_read_input_tokens: 7123 },
        cache_creation_input_tokens: 7345,
        server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 },
        ...{ service_tier: 'standard', inference_geo: 'global' },
      },
    },
    {
      ...{ inputTokens: 14_573, outputTokens: 6039, cachedInputTokens: 7123 },
      ...{ cacheWriteTokens: 7345, cacheWrite1hTokens: 0, units: { web_searches: 2 }, serviceTier: 'standard' },
    },
  ],
  [
    'with cache writes of both lifetimes, and thoughts inside the output',
    'https://platform.claude.com/docs/en/build-with-claude/prompt-caching',
    {
      usage: {
        ...{ input_tokens: 10, output_tokens: 50, cache_read_input_tokens: 0, cache_creation_input_tokens: 70 },
        cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 40 },
        ...{ output_tokens_details: { thinking_tokens: 44 }, server_tool_use: null, service_tier: null },
      },
    },
    { inputTokens: 80, outputTokens: 50, cacheWriteTokens: 70, cacheWrite1hTokens: 40, reasoningTokens: 44 },
  ],
]

const grounded = (queries: string[], modelVersion: string) => ({
  candidates: [{ index: 0, finishReason: 'STOP', groundingMetadata: { webSearchQueries: queries } }],
  usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 9, totalTokenCount: 17 },
  modelVersion,
})

const GEMINI: Case[] = [
  [
    'with each medium, what of it was cached, and the tier that served it',
    'https://ai.google.dev/api/generate-content#UsageMetadata',
    {
      usageMetadata: {
        ...{ promptTokenCount: 1000, cachedContentTokenCount: 300, candidatesTokenCount: 1310, serviceTier: 'flex' },
        promptTokensDetails: [tokens('TEXT', 100), tokens('IMAGE', 258), tokens('VIDEO', 400), tokens('AUDIO', 242)],
        cacheTokensDetails: [tokens('AUDIO', 42), tokens('IMAGE', 258)],
        candidatesTokensDetails: [tokens('TEXT', 20), tokens('IMAGE', 1290)],
      },
    },
    {
      ...{ inputTokens: 1000, cachedInputTokens: 300, cachedInputAudioTokens: 42, cachedInputImageTokens: 258 },
      ...{ inputAudioTokens: 242, inputImageTokens: 258, inputVideoTokens: 400 },
      ...{ outputTokens: 1310, outputImageTokens: 1290, serviceTier: 'flex' },
    },
  ],
  [
    'with a document, whose pages are pictures',
    'https://ai.google.dev/gemini-api/docs/document-processing',
    {
      usageMetadata: {
        ...{ promptTokenCount: 542, candidatesTokenCount: 17 },
        promptTokensDetails: [tokens('DOCUMENT', 516), tokens('TEXT', 26)],
      },
    },
    { inputTokens: 542, inputImageTokens: 516, outputTokens: 17 },
  ],
  [
    'that searched thrice, of a generation that is billed by the search',
    'https://ai.google.dev/gemini-api/docs/google-search',
    grounded(['a', 'b', 'c', ''], 'gemini-3-flash-preview'),
    { inputTokens: 8, outputTokens: 9, units: { web_searches: 3 } },
  ],
  [
    'that searched thrice, of a generation that is billed by the request',
    'https://ai.google.dev/gemini-api/docs/pricing',
    grounded(['a', 'b', 'c'], 'gemini-2.5-flash'),
    { inputTokens: 8, outputTokens: 9, units: { web_searches: 1 } },
  ],
  [
    'that had its search tool and did not use it',
    'https://ai.google.dev/gemini-api/docs/google-search',
    grounded([], 'gemini-2.5-flash'),
    { inputTokens: 8, outputTokens: 9 },
  ],
]

describe('usage in the shapes that vendors document', () => {
  it.for(OPENAI_WIRE)('is read on OpenAI’s wire from %s (%s)', ([, , body, means], { expect }) => {
    expect(readOpenaiUsage(body)).toEqual({ ...NO_USAGE, ...means })
  })

  it.for(RESPONSES)('is read from a response %s (%s)', ([, , body, means], { expect }) => {
    expect(readResponsesUsage(body)).toEqual({ ...NO_USAGE, ...means })
    expect(readResponsesUsage({ type: 'response.completed', response: body })).toEqual({ ...NO_USAGE, ...means })
  })

  it.for(ANTHROPIC)('is read from a message %s (%s)', ([, , body, means], { expect }) => {
    expect(readAnthropicUsage(body)).toEqual({ ...NO_USAGE, ...means })
  })

  it.for(GEMINI)('is read from Gemini’s answer %s (%s)', ([, , body, means], { expect }) => {
    expect(readGeminiUsage(body)).toEqual({ ...NO_USAGE, ...means })
  })

  // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
  it.for([
    [
      { inputTokens: 22, outputTokens: 57, totalTokens: 79, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 },
      { inputTokens: 22, outputTokens: 57 },
    ],
    [
      { inputTokens: 5, outputTokens: 7, totalTokens: 412, cacheReadInputTokens: 300, cacheWriteInputTokens: 100 },
      { inputTokens: 405, outputTokens: 7, cachedInputTokens: 300, cacheWriteTokens: 100 },
    ],
    [
      {
        inputTokens: 5,
        outputTokens: 7,
        cacheDetails: [
          { ttl: '1h', inputTokens: 60 },
          { ttl: '5m', inputTokens: 40 },
        ],
      },
      { inputTokens: 105, outputTokens: 7, cacheWriteTokens: 100, cacheWrite1hTokens: 60 },
    ],
  ] as const)('is read from Bedrock’s %o', ([usage, means], { expect }) => {
    const told = { ...NO_USAGE, cacheWrite1hTokens: 0, ...means }
    expect(readBedrockUsage({ usage })).toEqual(told)
    expect(readBedrockUsage({ usage, serviceTier: { type: 'flex' } })).toEqual({ ...told, serviceTier: 'flex' })
  })

  // https://docs.cohere.com/reference/chat: what is billed leaves out the tokens of Cohere's own preamble
  it('is what Cohere says it bills, not what its model read', ({ expect }) => {
    const billed_units = { input_tokens: 12, output_tokens: 7 }
    const usage = { billed_units, tokens: { input_tokens: 507, output_tokens: 10 }, cached_tokens: 448 }
    const told = { inputTokens: 12, outputTokens: 7, cachedInputTokens: 0 }
    expect(readCohereUsage({ usage })).toMatchObject(told)
    expect(readCohereUsage({ type: 'message-end', delta: { usage } })).toMatchObject(told)
  })
})

function streamed(dialect: Dialect, events: unknown[]) {
  const reader = dialect.streamReader()
  for (const event of events) reader.read(JSON.stringify(event))
  return reader.usage()?.usage
}

describe('a stream tells the same: what was searched, and the tier that served it', () => {
  it('on OpenAI’s wire, in the chunk with the usage', ({ expect }) => {
    const openai = openaiDialect({ outputCapField: 'max_completion_tokens', usageInStream: 'asked' })
    const chunk = { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'hi' } }], usage: null }
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }
    const last = { object: 'chat.completion.chunk', choices: [], service_tier: 'priority', usage }
    expect(streamed(openai, [chunk, last])).toEqual({
      ...NO_USAGE,
      ...{ inputTokens: 3, outputTokens: 1, serviceTier: 'priority' },
    })
  })

  it('of a response, in the event that ends it', ({ expect }) => {
    const usage = { input_tokens: 3, output_tokens: 1 }
    const response = { service_tier: 'flex', output: [webSearch()], usage }
    expect(streamed(responsesDialect(), [{ type: 'response.completed', response }])).toMatchObject({
      units: { web_searches: 1 },
      serviceTier: 'flex',
    })
  })

  it('of Anthropic, whose tier comes first and whose searches come last', ({ expect }) => {
    const message = { usage: { input_tokens: 5, output_tokens: 1, service_tier: 'priority' } }
    const usage = { output_tokens: 9, server_tool_use: { web_search_requests: 2 } }
    const events = [
      { type: 'message_start', message },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
    ]
    expect(streamed(anthropicDialect(), events)).toMatchObject({
      ...{ inputTokens: 5, outputTokens: 9, units: { web_searches: 2 }, serviceTier: 'priority' },
    })
  })

  it('of Gemini, whose searches may come before its last count', ({ expect }) => {
    const searched = grounded(['a', 'b'], 'gemini-3-flash-preview')
    const last = {
      candidates: [{ index: 0, content: { parts: [] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 12, serviceTier: 'standard' },
    }
    expect(streamed(geminiDialect(), [searched, last])).toEqual({
      ...NO_USAGE,
      ...{ inputTokens: 8, outputTokens: 12, units: { web_searches: 2 }, serviceTier: 'standard' },
    })
  })
})
