import { asRecord } from '../../formats/as-record.ts'
import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { readGeminiUsage } from './read-usage.ts'
import { geminiStreamReader } from './stream-reader.ts'

// The model is in the address, and so is whether it streams.
function prepare(body: Record<string, unknown>, { maxOutputTokens: max }: RequestSetting): string {
  if (max === undefined) return JSON.stringify(body)
  const config = asRecord(body.generationConfig)
  const generationConfig = { ...config, maxOutputTokens: loweredCap(config.maxOutputTokens, max) }
  return JSON.stringify({ ...body, generationConfig })
}

/** Gemini's generateContent. Source: Gemini API reference, Generating content. */
export function geminiDialect(): Dialect {
  return { prepare, readUsage: readGeminiUsage, streamReader: geminiStreamReader }
}
