import { asRecord } from '../../formats/as-record.ts'
import { recordsOf } from '../../formats/read-sent.ts'
import { shapePromptTokens, toolPromptTokens } from '../anthropic/added-tokens.ts'

/**
 * What a model on Bedrock adds to the input of a request: prompts for its tools and for the shape of its answer. Anthropic's
 * are as at Anthropic; of all others nobody tells how long they are.
 */
export function bedrockAddedTokens(body: Record<string, unknown>, model: string): number {
  const tools = recordsOf(asRecord(body.toolConfig).tools)
  const shape = shapePromptTokens(asRecord(body.outputConfig).textFormat)
  return tools.length === 0 ? shape : shape + toolPromptTokens(model)
}
