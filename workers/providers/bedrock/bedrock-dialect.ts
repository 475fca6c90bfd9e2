import { asRecord } from '../../formats/as-record.ts'
import { loweredCap } from '../lowered-cap.ts'
import type { Dialect, RequestSetting } from '../port.ts'
import { bedrockAddedTokens } from './added-tokens.ts'
import { readBedrockUsage } from './read-usage.ts'
import { bedrockStreamReader } from './stream-reader.ts'

// The model is in the address, and so is whether it streams.
function prepare(body: Record<string, unknown>, { maxOutputTokens: max }: RequestSetting): string {
  if (max === undefined) return JSON.stringify(body)
  const config = asRecord(body.inferenceConfig)
  const inferenceConfig = { ...config, maxTokens: loweredCap(config.maxTokens, max) }
  return JSON.stringify({ ...body, inferenceConfig })
}

/** Bedrock's Converse and ConverseStream. Source: Bedrock Runtime API. */
export function bedrockDialect(): Dialect {
  return { prepare, readUsage: readBedrockUsage, streamReader: bedrockStreamReader, addedTokens: bedrockAddedTokens }
}
