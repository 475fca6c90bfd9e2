import { plainNumber } from '../../contracts/lossless-json.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { readAnthropicUsage } from './read-usage.ts'
import { anthropicStreamReader } from './stream-reader.ts'

// Every request has a cap on this wire; one within ours is left as it came.
function cap(sent: unknown, max: number | undefined): Record<string, unknown> {
  const asked = plainNumber(sent)
  if (max === undefined || (asked !== undefined && asked >= 0 && asked <= max)) return {}
  return { max_tokens: max }
}

function prepare(body: Record<string, unknown>, { model, isStream, maxOutputTokens }: RequestSetting): string {
  const stream = isStream ? { stream: true } : {}
  return JSON.stringify({ ...body, model, ...stream, ...cap(body.max_tokens, maxOutputTokens) })
}

/** Anthropic's messages. Source: Anthropic API reference, Messages. */
export function anthropicDialect(): Dialect {
  return { prepare, readUsage: readAnthropicUsage, streamReader: anthropicStreamReader }
}
