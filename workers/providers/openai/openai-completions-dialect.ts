import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { askForUsage } from './prepare-chat.ts'
import { readOpenaiUsage } from './read-usage.ts'
import { openaiStreamReader } from './stream-reader.ts'

function prepare(body: Record<string, unknown>, { model, maxOutputTokens }: RequestSetting): string {
  const cap = maxOutputTokens === undefined ? {} : { max_tokens: loweredCap(body.max_tokens, maxOutputTokens) }
  return JSON.stringify({ ...body, model, ...askForUsage(body), ...cap })
}

/** OpenAI's legacy completions. Source: OpenAI API reference, Completions. */
export function openaiCompletionsDialect(): Dialect {
  return { prepare, readUsage: readOpenaiUsage, streamReader: () => openaiStreamReader('completion') }
}
