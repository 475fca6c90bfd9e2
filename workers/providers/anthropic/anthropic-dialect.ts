import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { anthropicAddedTokens } from './added-tokens.ts'
import { readAnthropicUsage } from './read-usage.ts'
import { anthropicStreamReader } from './stream-reader.ts'

/** How a vendor's messages differ from Anthropic's own: the version is in the body, and the model is not. */
export type MessagesWays = { versionInBody?: string }

function prepare(body: Record<string, unknown>, set: RequestSetting, { versionInBody }: MessagesWays): string {
  const { model, isStream, maxOutputTokens: max } = set
  const cap = max === undefined ? {} : { max_tokens: loweredCap(body.max_tokens, max) }
  const head = versionInBody === undefined ? { model } : { model: undefined, anthropic_version: versionInBody }
  return JSON.stringify({ ...body, ...head, ...(isStream && { stream: true }), ...cap })
}

/** Anthropic's messages. Source: Anthropic API reference, Messages; Claude on Vertex AI. */
export function anthropicDialect(ways: MessagesWays = {}): Dialect {
  return {
    prepare: (body, set) => prepare(body, set, ways),
    readUsage: readAnthropicUsage,
    streamReader: anthropicStreamReader,
    addedTokens: anthropicAddedTokens,
  }
}
