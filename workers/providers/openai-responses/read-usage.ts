import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { recordsOf, countOf as tokenCount } from '../../formats/read-sent.ts'
import { someTokens, toldTier, toldUnits } from '../told-extras.ts'

type Sent = Record<string, unknown>

// A web search call may also open a page or look in it, which costs nothing; and a call that failed is not billed. Source:
// OpenAI web search guide, output and citations; pricing, built-in tools.
function isBilled({ type, status, action }: Sent): boolean {
  const { type: act } = asRecord(action)
  const isSearch = type === 'file_search_call' || act === undefined || act === 'search'
  return isSearch && (status === undefined || status === 'completed')
}

function searchesIn(output: unknown) {
  const billed = recordsOf(output).filter(isBilled)
  const count = (wanted: string) => billed.filter(({ type }) => type === wanted).length
  return toldUnits({ web_searches: count('web_search_call'), file_searches: count('file_search_call') })
}

function countsOf(sent: Sent, totals: { inputTokens: number; outputTokens: number }): BillableUsage {
  const input = asRecord(sent.input_tokens_details)
  const output = asRecord(sent.output_tokens_details)
  const { inputTokens, outputTokens } = totals
  const within = (value: unknown, total: number) => Math.min(tokenCount(value) ?? 0, total)
  return {
    ...NO_USAGE,
    ...totals,
    cachedInputTokens: within(input.cached_tokens, inputTokens),
    cacheWriteTokens: within(input.cache_write_tokens, inputTokens),
    inputAudioTokens: within(input.audio_tokens, inputTokens),
    reasoningTokens: within(output.reasoning_tokens, outputTokens),
    outputAudioTokens: within(output.audio_tokens, outputTokens),
    ...someTokens({
      inputImageTokens: within(input.image_tokens, inputTokens),
      outputImageTokens: within(output.image_tokens, outputTokens),
    }),
  }
}

/**
 * Usage of a response, or of the event that ends its stream, with the searches it made and the tier that served it.
 * `undefined` where a total is absent or malformed. Source: OpenAI API reference, the response object.
 */
export function readResponsesUsage(body: unknown): BillableUsage | undefined {
  const whole = asRecord(body)
  const response = whole.usage === undefined ? asRecord(whole.response) : whole
  const sent = asRecord(response.usage)
  const inputTokens = tokenCount(sent.input_tokens)
  const outputTokens = tokenCount(sent.output_tokens)
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  return {
    ...countsOf(sent, { inputTokens, outputTokens }),
    ...searchesIn(response.output),
    ...toldTier(response.service_tier),
  }
}
