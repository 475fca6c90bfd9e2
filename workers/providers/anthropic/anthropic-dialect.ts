import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { anthropicAddedTokens } from './added-tokens.ts'
import { readAnthropicUsage } from './read-usage.ts'
import { anthropicStreamReader } from './stream-reader.ts'

function prepare(body: Record<string, unknown>, { model, isStream, maxOutputTokens: max }: RequestSetting): string {
  const cap = max === undefined ? {} : { max_tokens: loweredCap(body.max_tokens, max) }
  return JSON.stringify({ ...body, model, ...(isStream && { stream: true }), ...cap })
}

/** Anthropic's messages. Source: Anthropic API reference, Messages. */
export function anthropicDialect(): Dialect {
  return {
    prepare,
    readUsage: readAnthropicUsage,
    streamReader: anthropicStreamReader,
    addedTokens: anthropicAddedTokens,
  }
}
