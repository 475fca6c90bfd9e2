import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { readResponsesUsage } from './read-usage.ts'
import { responsesStreamReader } from './stream-reader.ts'

function prepare(body: Record<string, unknown>, { model, isStream, maxOutputTokens: max }: RequestSetting): string {
  const cap = max === undefined ? {} : { max_output_tokens: loweredCap(body.max_output_tokens, max) }
  return JSON.stringify({ ...body, model, ...(isStream && { stream: true }), ...cap })
}

/** OpenAI's responses. Source: OpenAI API reference, Responses. */
export function responsesDialect(): Dialect {
  return { prepare, readUsage: readResponsesUsage, streamReader: responsesStreamReader }
}
