import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { readCohereUsage } from './read-usage.ts'
import { cohereStreamReader } from './stream-reader.ts'

// `stream` is required, also where it is false.
function prepare(body: Record<string, unknown>, { model, isStream, maxOutputTokens: max }: RequestSetting): string {
  const cap = max === undefined ? {} : { max_tokens: loweredCap(body.max_tokens, max) }
  return JSON.stringify({ ...body, model, stream: isStream, ...cap })
}

/** Cohere's chat, version 2. Source: Cohere API reference, Chat. */
export function cohereDialect(): Dialect {
  return { prepare, readUsage: readCohereUsage, streamReader: cohereStreamReader }
}
